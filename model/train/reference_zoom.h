// The variation with which SGSeg and ProLearn were published (Ye et al., MICCAI 2024 and ICCV 2025,
// by their code): the only one.
#pragma once

#include <torch/torch.h>

namespace lingula {

// With a chance of 0.1, zooms an image and its mask by one factor U(0.95, 1.2), in place. images
// float32 [B, C, S, S], masks float32 [B, 1, S, S]. Waits for the device.
void ReferenceZoom(torch::Tensor& images, torch::Tensor& masks);

// One image [1, C, S, S] scaled to floor(S factor) pixels a side and brought back to S: cropped
// around the middle, or its edges repeated, the odd pixel after. Images are interpolated by cubics
// without antialiasing and may leave the range of their values; masks take the nearest pixel.
torch::Tensor ZoomOne(const torch::Tensor& image, double factor, bool is_mask);

}  // namespace lingula
