// What several checks need of the published networks.
#pragma once

#include <string>
#include <vector>

#include <torch/torch.h>

#include "absl/status/statusor.h"
#include "model/base/zones.h"
#include "model/parity/file_check.h"
#include "model/text/word_piece.h"

namespace lingula::parity {

// Rows of tensors that the network gives as it is served: folded, with what is known beforehand
// computed beforehand.
inline constexpr char kServed[] = "served";
inline constexpr char kTextTowerPrefix[] = "model.text_encoder.model.";

// [B, C, H, W] -> [B, H * W, C].
inline torch::Tensor Tokens(const torch::Tensor& map) {
  return map.flatten(2).transpose(1, 2);
}
// As folded networks want their maps.
inline torch::Tensor Interleaved(const torch::Tensor& x) {
  return x.contiguous(torch::MemoryFormat::ChannelsLast);
}
// Three equal channels as the single one that folded networks take.
inline torch::Tensor Grey(const torch::Tensor& images) {
  return Interleaved(images.narrow(1, 0, 1));
}

// A list of strings in the metadata.
absl::StatusOr<std::vector<std::string>> StringsNote(const FileCheck& check,
                                                     const std::string& key);

// The tokenizer with the folder's vocabulary: a vocab.txt, or a table (*.tsv) of ids and tokens for
// a part of it.
absl::StatusOr<WordPiece> LoadWordPiece(const GoldenFolder& folder);

// Ids and mask as the text tower takes them: [n, kReportTokens] int64.
struct TextTokens {
  torch::Tensor ids, mask;
};
absl::StatusOr<TextTokens> Tokenize(const GoldenFolder& folder,
                                    const std::vector<std::string>& texts);

// The same from the grammar alone, of the reports on these zones.
TextTokens GrammarTokens(const std::vector<ZoneBits>& zones);

// Last hidden states of `texts`, [n, kReportTokens, 768]; the tower is gone afterwards.
torch::Tensor PublishedHidden(const Formula& formula, const TextTokens& tokens);
// The same for all 64 reports, as it is computed when a checkpoint is imported.
torch::Tensor PublishedReportTable(const Formula& formula);

}  // namespace lingula::parity
