#include "model/parity/pixel_batches.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"

namespace lingula::parity {
namespace {

constexpr double kScoreTolerance = 1e-6;  // the recorded scores are float32

absl::StatusOr<BatchCounts> CountStored(FileCheck& check, const std::string& prefix) {
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor p, check.Input(prefix + ".p"));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor y, check.Input(prefix + ".y"));
  if (p.scalar_type() != torch::kFloat32 || y.scalar_type() != torch::kUInt8) {
    return absl::InvalidArgumentError(prefix + ": not float32 and uint8");
  }
  return CountBatch(absl::MakeConstSpan(p.data_ptr<float>(), p.numel()),
                    absl::MakeConstSpan(y.data_ptr<uint8_t>(), y.numel()));
}

}  // namespace

absl::StatusOr<std::vector<BatchCounts>> CountBatches(FileCheck& check, const std::string& prefix) {
  std::vector<BatchCounts> batches;
  do {
    LINGULA_ASSIGN_OR_RETURN(batches.emplace_back(),
                             CountStored(check, absl::StrCat(prefix, ".", batches.size())));
  } while (check.Has(absl::StrCat(prefix, ".", batches.size(), ".p")));
  return batches;
}

void CompareFigure(FileCheck& check, const std::string& name, double actual,
                   const nlohmann::json& expected) {
  Row row{name, 0, kScoreTolerance, ""};
  if (!(std::isnan(actual) && expected.is_null())) {
    row.difference =
        std::abs(actual - (expected.is_null() ? std::nan("") : expected.get<double>()));
  }
  check.Add(std::move(row));
}

void ComparePixelScores(FileCheck& check, const std::string& name, const PixelScores& scores,
                        const nlohmann::json& expected) {
  CompareFigure(check, name + ".acc", scores.accuracy, expected.at("acc"));
  CompareFigure(check, name + ".dice", scores.dice, expected.at("dice"));
  CompareFigure(check, name + ".miou", scores.jaccard, expected.at("miou"));
}

}  // namespace lingula::parity
