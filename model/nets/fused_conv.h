// A convolution prepared for inference. On the processor: weights packed once in oneDNN's own
// layout, bias and activation applied inside the kernel. On any other device, or with oneDNN
// switched off in Torch: plain tensors, one operator after the other.
#pragma once

#include <optional>
#include <vector>

#include <torch/torch.h>

namespace lingula {

// What follows a convolution.
enum class Activation { kNone, kRelu, kRelu6, kLeakyRelu, kSilu, kGelu };  // GELU by erf, exact

torch::Tensor Activate(const torch::Tensor& x, Activation activation);

// A linear layer (or 1x1 convolution) prepared in the same way. In float32 too: packed, oneDNN's
// products use the processor's widest vectors where MKL's do not (AMD), and a row's sums do not
// depend on how many images share the batch, as long as each brings 24 rows or more; unpacked they
// do. Immutable after construction; may be used by several threads.
class FusedLinear {
 public:
  static constexpr int64_t kFewestRows = 24;

  FusedLinear() = default;
  // weight [out, in], bias [out] or undefined; `type` float32 or bfloat16.
  FusedLinear(const torch::Tensor& weight, const torch::Tensor& bias, Activation activation,
              torch::ScalarType type);

  bool ready() const { return weight_.defined(); }
  // x [..., in] of the given type. Returns act(x weight' + bias).
  torch::Tensor operator()(const torch::Tensor& x) const;
  // act(x weight' + bias) + other for no activation, in one pass.
  torch::Tensor AddTo(const torch::Tensor& x, const torch::Tensor& other) const;

 private:
  bool packed_ = false;
  torch::Tensor weight_;
  std::optional<torch::Tensor> bias_;
  Activation activation_ = Activation::kNone;
};

// a b' for a [N, K] and b [M, K], both contiguous, by oneDNN: where neither is known beforehand.
torch::Tensor MultiplyTransposed(const torch::Tensor& a, const torch::Tensor& b);

// Immutable after construction; may be used by several threads.
class FusedConv {
 public:
  FusedConv() = default;
  // Takes the weights, stride, padding and groups of `conv`, in `type` (float32 or bfloat16).
  // `side` of the maps that will come, 0: not known. It is a hint: weights packed for other maps
  // cost up to 11 ms a call where oneDNN prefers another layout for those that come
  // (docs/performance.md).
  FusedConv(const torch::nn::Conv2d& conv, Activation activation, torch::ScalarType type,
            int64_t side = 0);

  bool ready() const { return weight_.defined() || pointwise_.ready(); }
  // x [B, C, H, W] of the given type, channels interleaved. Returns act(conv(x)).
  torch::Tensor operator()(const torch::Tensor& x) const;
  // act(conv(x)) + other, in one pass.
  torch::Tensor AddTo(const torch::Tensor& x, const torch::Tensor& other) const;

 private:
  torch::Tensor Plain(const torch::Tensor& x) const;

  bool packed_ = false;
  torch::Tensor weight_;
  std::optional<torch::Tensor> bias_;
  // 1x1 convolutions run as matrix products: oneDNN's convolution kernels for them are up to twenty
  // times slower in bfloat16 when the image size is not known at packing (docs/performance.md).
  FusedLinear pointwise_;
  std::vector<int64_t> stride_, padding_, dilation_;
  int64_t groups_ = 1;
  Activation activation_ = Activation::kNone;
};

}  // namespace lingula
