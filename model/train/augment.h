// Random variation of a training batch, done on whole batches with Torch's random numbers.
#pragma once

#include <torch/torch.h>

#include "model/image/preprocess.h"

namespace lingula {

struct AugmentOptions {
  double zoom = 0.25;  // scale factor in [1 - zoom, 1 / (1 - zoom)]
  double rotate_degrees = 15;
  double shift = 0.1;   // share of the side
  double flip = 0.5;    // chance of a left-right flip, which swaps the zones of the two lungs
  double gamma = 0.35;  // exponent in [exp(-gamma), exp(gamma)]
  double noise = 0.03;  // largest standard deviation, full range 1
};

struct TrainBatch {
  torch::Tensor images;  // float32 [B, 3, S, S], z-scored
  torch::Tensor masks;   // float32 [B, 1, S, S], 0 or 1
  torch::Tensor zones;   // float32 [B, 6]
};

// images uint8 [B, C, S, S], masks uint8 [B, S, S], zones float32 [B, 6].
TrainBatch Augment(const torch::Tensor& images, const torch::Tensor& masks,
                   const torch::Tensor& zones, const InputSpec& spec,
                   const AugmentOptions& options);

// The same conversion without variation.
TrainBatch Plain(const torch::Tensor& images, const torch::Tensor& masks,
                 const torch::Tensor& zones);

}  // namespace lingula
