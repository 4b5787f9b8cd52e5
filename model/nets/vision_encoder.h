// What every image encoder gives: features at strides 4, 8, 16 and 32.
#pragma once

#include <array>

#include <torch/torch.h>

namespace lingula {

// Features f0..f3: [B, widths[i], S / 4 / 2^i, S / 4 / 2^i].
using Features = std::array<torch::Tensor, 4>;

class VisionEncoder : public torch::nn::Module {
 public:
  // image [B, 3, S, S], S a multiple of 32.
  virtual Features forward(const torch::Tensor& image) = 0;
  virtual std::array<int64_t, 4> widths() const = 0;
  // Prepares convolutions for inference in `type`; with `grey`, for images [B, 1, S, S] that stand
  // for three equal channels. Cannot be undone.
  virtual void Fold(torch::ScalarType type, bool grey) = 0;
};

}  // namespace lingula
