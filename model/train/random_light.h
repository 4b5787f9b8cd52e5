// Random changes of what pixels say, where they are.
#pragma once

#include "model/train/augment.h"

namespace lingula {

// Colour, gamma, noise and erased rectangles, in this order. x is float32 [B, C, S, S] in [0, 1];
// noise may leave that range.
torch::Tensor RandomLight(torch::Tensor x, const AugmentOptions& options);

}  // namespace lingula
