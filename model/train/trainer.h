// The training loop, the same for all networks (docs/models.md, "Training"; ADR 12).
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "model/train/learner.h"

namespace lingula {

// What is not the recipe's business.
struct TrainOptions {
  std::string out;                  // folder for checkpoints, log, curve and bundle
  std::vector<std::string> starts;  // files or bundle folders to start from (start.h)
  uint64_t seed = 0;
  torch::Device device = torch::kCPU;
  bool bf16 = true;
  bool resume = false;
  int64_t stop_after = 0;  // steps, counted from the first; then return without a bundle; 0: never
};

// Trains, keeps <out>/last.safetensors (everything needed to go on) and <out>/best.safetensors (the
// averaged weights of the best epoch), writes <out>/log.csv, <out>/curve.png and at last the bundle
// <out>/<name>/<version>/. On a processor the same recipe, seed, data and thread count give the
// same weights, whether the run was interrupted or not.
// Errors   NOT_FOUND or INVALID_ARGUMENT for a start or checkpoint that does not fit, a data set
//          that is too small; FAILED_PRECONDITION for a device that is not there; what
//          writing files gives.
absl::Status Train(const train::v1::Recipe& recipe, const MakeLearner& make,
                   const ImageCache& train, const ImageCache& validation,
                   const TrainOptions& options);

}  // namespace lingula
