// A convolution prepared for inference on the processor: weights packed once in oneDNN's own
// layout, bias and activation applied inside the kernel.
#pragma once

#include <optional>
#include <vector>

#include <torch/torch.h>

namespace lingula {

// What follows a convolution.
enum class Activation { kNone, kRelu6, kLeakyRelu };

torch::Tensor Activate(const torch::Tensor& x, Activation activation);

// Immutable after construction; may be used by several threads.
class FusedConv {
 public:
  FusedConv() = default;
  // Takes the weights, stride, padding and groups of `conv`, in `type` (float32 or bfloat16).
  FusedConv(const torch::nn::Conv2d& conv, Activation activation, torch::ScalarType type);

  bool ready() const { return weight_.defined(); }
  // x [B, C, H, W] of the given type, channels interleaved. Returns act(conv(x)).
  torch::Tensor operator()(const torch::Tensor& x) const;
  // act(conv(x)) + other, in one pass.
  torch::Tensor AddTo(const torch::Tensor& x, const torch::Tensor& other) const;

 private:
  torch::Tensor weight_;
  std::optional<torch::Tensor> bias_;
  // 1x1 convolutions run as matrix products: oneDNN's convolution kernels for them are up to twenty
  // times slower in bfloat16 when the image size is not known at packing (docs/performance.md).
  bool pointwise_ = false;
  std::vector<int64_t> stride_, padding_, dilation_;
  int64_t groups_ = 1;
  Activation activation_ = Activation::kNone;
};

}  // namespace lingula
