// Probability maps stored batch by batch, and scores of them.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "absl/status/statusor.h"
#include "model/eval/pixel_scores.h"
#include "model/parity/file_check.h"

namespace lingula::parity {

// Counts of the batches PREFIX.0.p and PREFIX.0.y, PREFIX.1.p ... NOT_FOUND without a first one.
absl::StatusOr<std::vector<BatchCounts>> CountBatches(FileCheck& check, const std::string& prefix);

// Compares one figure, where null stands for NaN.
void CompareFigure(FileCheck& check, const std::string& name, double actual,
                   const nlohmann::json& expected);

// Compares with {"acc": .., "dice": .., "miou": ..}.
void ComparePixelScores(FileCheck& check, const std::string& name, const PixelScores& scores,
                        const nlohmann::json& expected);

}  // namespace lingula::parity
