// The 1-D sinusoidal position code of the guide layers (docs/models.md; Vaswani et al. 2017, 3.5).
#pragma once

#include <torch/torch.h>

namespace lingula {

// [1, length, channels] float32: channel 2i holds sin(p w_i), 2i + 1 cos(p w_i),
// w_i = exp(-2i ln(10000) / channels), p the flat token index. `channels` is even.
torch::Tensor Sinusoid(int64_t length, int64_t channels);

// Adds positions to tokens. The buffer `pe` [1, length, channels] is part of the state dict.
class PositionCodeImpl : public torch::nn::Module {
 public:
  PositionCodeImpl(int64_t length, int64_t channels);
  // x [B, N, channels] with N <= length. Returns x + pe.
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::Tensor pe_;
};
TORCH_MODULE(PositionCode);

}  // namespace lingula
