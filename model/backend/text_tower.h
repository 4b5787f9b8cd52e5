// The text tower of a bundle that carries one: any text to the guide layers' input.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/bundle/bundle.h"
#include "model/nets/bert.h"
#include "model/text/report_grammar.h"
#include "model/text/word_piece.h"

namespace lingula {

class TextTower {
 public:
  // Errors   INVALID_ARGUMENT naming what is wrong in vocabulary or weights.
  static absl::StatusOr<TextTower> Load(const Bundle& bundle, torch::ScalarType type,
                                        torch::Device device = torch::kCPU);

  struct Read {
    torch::Tensor hidden;  // [n, report_tokens, report_dim], on the device
    std::vector<bool> truncated;
  };
  Read operator()(const std::vector<std::string>& texts);

 private:
  TextTower(WordPiece words, Bert bert, int tokens, torch::Device device)
      : words_(std::move(words)), bert_(std::move(bert)), tokens_(tokens), device_(device) {}

  WordPiece words_;
  Bert bert_;
  int tokens_;
  torch::Device device_;
};

// The reports' last hidden states in the order of ReportRow: [64, kReportTokens, hidden]. `ids_of`
// is CxrBertIds or GrammarIds: the vocabulary that the tower knows.
torch::Tensor ReportTable(Bert& bert, ReportIds (*ids_of)(const ZoneBits&));

}  // namespace lingula
