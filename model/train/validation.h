// What a learner's masks are worth on images that it is not trained on.
#pragma once

#include <optional>

#include "model/eval/overlap.h"
#include "model/train/learner.h"

namespace lingula {

// How sharp and where to compute.
struct ComputeOptions {
  torch::Device device = torch::kCPU;
  bool bf16 = true;
};

struct Validation {
  OverlapCounts guided;
  std::optional<OverlapCounts> withheld;  // where guidance can be withheld
  double batch_dice = 0;                  // mean over batches
  std::optional<double> zone_accuracy;    // where the network names zones
};

// Pixels of mask logits against masks 0 or 1 of the same shape; foreground from probability 0.5.
// int64 [4] on their device: true positive, false positive, false negative, true negative.
torch::Tensor CountPixels(const torch::Tensor& logits, const torch::Tensor& masks);
OverlapCounts OverlapFrom(const torch::Tensor& counts);

// Leaves the learner in the mode in which it came.
Validation Validate(Learner& learner, const ImageCache& images, int64_t batch,
                    const ComputeOptions& options);

}  // namespace lingula
