// Where each pixel of a varied image comes from.
#pragma once

#include "model/train/augment.h"

namespace lingula {

struct Moves {
  torch::Tensor grid;  // float32 [B, S, S, 2] for grid_sample, align_corners false
  // bool [B]: left and right, or top and bottom, have changed places.
  torch::Tensor flipped, upended;
  torch::Tensor turns;  // as in TrainBatch
};

// `transpose`: the first axis of images holds columns (InputSpec).
Moves RandomMoves(int64_t batch, int64_t side_px, bool transpose, const AugmentOptions& options,
                  const torch::Device& device);

}  // namespace lingula
