// The up-sampling block that follows a guide layer (docs/models.md, "SGSeg").
#pragma once

#include <torch/torch.h>

#include "model/nets/fused_conv.h"

namespace lingula {

// Doubles the resolution of a map and merges the encoder's features into it.
class UpBlockImpl : public torch::nn::Module {
 public:
  explicit UpBlockImpl(int64_t channels);
  // x [B, C, h, h], skip [B, C / 2, 2h, 2h]. Returns [B, C / 2, 2h, 2h].
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& skip);
  // Prepares for inference in `type`, best for maps x of `side` x `side`. Cannot be undone.
  void Fold(torch::ScalarType type, int64_t side);

 private:
  torch::Tensor Double(const torch::Tensor& x);
  torch::Tensor UpMatrix();

  FusedConv fused1_, fused2_;
  FusedLinear fused_up_;  // up_ as a matrix [4 * C / 2, C]
  torch::nn::ConvTranspose2d up_{nullptr};
  torch::nn::Conv2d conv1_{nullptr}, conv2_{nullptr};
  torch::nn::BatchNorm2d norm1_{nullptr}, norm2_{nullptr};
};
TORCH_MODULE(UpBlock);

}  // namespace lingula
