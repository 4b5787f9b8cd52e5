// Random variation of a training batch, done on whole batches with Torch's random numbers, on the
// device that holds the images.
#pragma once

#include <torch/torch.h>

#include "model/image/preprocess.h"

namespace lingula {

// At 0 (and false) nothing of the kind happens. Image and mask move alike. Beyond its edge an image
// goes on as its outermost pixels do, and the mask with it; where rotations above 45 degrees would
// make wedges of that, both are mirrored instead.
struct AugmentOptions {
  double zoom = 0.25;  // scale factor in [1 - zoom, 1 / (1 - zoom)]
  double rotate_degrees = 15;
  double shift = 0.1;   // share of the side
  double flip = 0.5;    // chance of a left-right flip, which swaps the zones of the two lungs
  double gamma = 0.35;  // exponent in [exp(-gamma), exp(gamma)]
  double noise = 0.03;  // largest standard deviation, full range 1
  // Displacement of the points of a smooth random field, share of the side, up to this; each image
  // draws its own strength. Beyond 0.05 pictures begin to fold.
  double elastic = 0;
  double flip_rows = 0;  // chance of a top-bottom flip, which swaps upper and lower zones
  // Strength, in [0, 1], of changes of brightness, contrast, white balance and hue. Three-channel
  // images only.
  double colour = 0;
  // Chance of a rectangle, of 0.1 to 0.4 of each side, without information: noise, or the image's
  // mean. The mask stays: what is hidden is to be guessed from around it.
  double erase = 0;
  // The published networks' only variation (reference_zoom.h); all of the above is left out.
  bool reference_zoom = false;
};

struct TrainBatch {
  torch::Tensor images;  // float32 [B, 3, S, S], z-scored
  torch::Tensor masks;   // float32 [B, 1, S, S], 0 or 1
  torch::Tensor zones;   // float32 [B, 6]
  torch::Tensor rows;    // int64 [B]: which rows of the cache these are
  // float32 [B, 2, 2]: where steps along the last axis and along the one before it lead in the
  // image as it was (first row: along its last axis). Undefined: no image was turned or mirrored.
  torch::Tensor turns = {};
};

// images uint8 [B, C, S, S], masks uint8 [B, S, S], zones float32 [B, 6], all on one device; rows
// int64 [B], which is handed on. Reports in words are the caller's: after a flip, or a large
// rotation, they may name the wrong side.
TrainBatch Augment(const torch::Tensor& images, const torch::Tensor& masks,
                   const torch::Tensor& zones, const torch::Tensor& rows, const InputSpec& spec,
                   const AugmentOptions& options);

// The same conversion without variation.
TrainBatch Plain(const torch::Tensor& images, const torch::Tensor& masks,
                 const torch::Tensor& zones, const torch::Tensor& rows);

}  // namespace lingula
