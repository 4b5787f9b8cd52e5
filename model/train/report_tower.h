// The text tower of a training run: what the 64 reports of the grammar mean, while that is learned.
#pragma once

#include <string>

#include <torch/torch.h>

#include "absl/status/statusor.h"
#include "lingula/train/v1/recipe.pb.h"
#include "model/nets/bert.h"

namespace lingula {

// Row of each report for zones [B, 6] (a zone counts from 0.5) in a table of all 64: int64 [B].
torch::Tensor ReportRows(const torch::Tensor& zones);

class ReportTower {
 public:
  // `width` of a report's token.
  // Errors   those of ReadFile and WordPiece::Parse for the vocabulary file.
  static absl::StatusOr<ReportTower> Make(const train::v1::TextTower& recipe, int64_t width);

  // A batch has far fewer reports than images: each is read once.
  struct Reports {
    torch::Tensor hidden;  // of the distinct reports [n, 24, width]
    torch::Tensor index;   // int64 [B]: which of them each image has
  };
  // rows [B] as from ReportRows, on the device of the tower.
  Reports Read(const torch::Tensor& rows);
  // All reports, rows as in ReportRow(): [64, 24, width].
  torch::Tensor Table();

  Bert& bert() { return bert_; }
  // The vocabulary file's text; empty without one.
  const std::string& vocabulary() const { return vocabulary_; }
  // Entries that the tower tells apart.
  int64_t words() const { return words_; }

 private:
  ReportTower(Bert bert, torch::Tensor ids, std::string vocabulary, int64_t words)
      : bert_(std::move(bert)),
        ids_(std::move(ids)),
        vocabulary_(std::move(vocabulary)),
        words_(words) {}
  torch::Tensor Hidden(const torch::Tensor& rows);

  Bert bert_;
  torch::Tensor ids_;  // int64 [64, 24], [PAD] is 0
  std::string vocabulary_;
  int64_t words_;
};

}  // namespace lingula
