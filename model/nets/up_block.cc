#include "model/nets/up_block.h"

#include "model/nets/conv_unit.h"
#include "model/nets/norm_activate.h"

namespace lingula {

UpBlockImpl::UpBlockImpl(int64_t c) {
  auto transposed = register_module("transp_conv", torch::nn::Sequential());
  up_ = transposed->register_module(
      "conv", torch::nn::ConvTranspose2d(
                  torch::nn::ConvTranspose2dOptions(c, c / 2, 2).stride(2).bias(false)));
  auto block = register_module("conv_block", torch::nn::Sequential());
  const auto add_conv = [&block](const char* name, int64_t in, int64_t out) {
    auto holder = block->register_module(name, torch::nn::Sequential());
    return holder->register_module(
        "conv", torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 3).padding(1).bias(false)));
  };
  conv1_ = add_conv("conv1", c, c / 2);
  conv2_ = add_conv("conv2", c / 2, c / 2);
  norm1_ = block->register_module("norm1", torch::nn::BatchNorm2d(c / 2));
  norm2_ = block->register_module("norm2", torch::nn::BatchNorm2d(c / 2));
}

torch::Tensor UpBlockImpl::forward(const torch::Tensor& x, const torch::Tensor& skip) {
  if (fused1_.ready()) {
    return fused2_(fused1_(torch::cat({Double(x), skip}, 1)));
  }
  const auto y =
      NormActivate(norm1_, conv1_(torch::cat({Double(x), skip}, 1)), Activation::kLeakyRelu);
  return NormActivate(norm2_, conv2_(y), Activation::kLeakyRelu);
}

// A transposed convolution with kernel and stride 2 has no overlap: it is one matrix product for
// each pixel and a rearrangement of the answer. In training this is several times faster than the
// library's transposed convolution, whose backward pass is slow.
torch::Tensor UpBlockImpl::Double(const torch::Tensor& x) {
  const int64_t b = x.size(0), h = x.size(2), w = x.size(3);
  const auto pixels = x.permute({0, 2, 3, 1});  // [B, h, w, C]
  const auto product =                          // [B, h, w, 4 * C / 2]
      fused_up_.ready() ? fused_up_(pixels) : torch::linear(pixels, UpMatrix());
  return product.view({b, h, w, 2, 2, -1})
      .transpose(2, 3)  // [B, h, 2, w, 2, C / 2]
      .reshape({b, 2 * h, 2 * w, -1})
      .permute({0, 3, 1, 2});
}

// up_ weight [C, C / 2, 2, 2] -> rows ordered (row, column, channel).
torch::Tensor UpBlockImpl::UpMatrix() {
  return up_->weight.permute({2, 3, 1, 0}).reshape({-1, up_->weight.size(0)});
}

void UpBlockImpl::Fold(torch::ScalarType type, int64_t side) {
  torch::NoGradGuard no_grad;
  fused_up_ = FusedLinear(UpMatrix(), torch::Tensor(), Activation::kNone, type);
  up_->weight.set_data(torch::empty({0}));
  fused1_ = Fuse(conv1_, norm1_, Activation::kLeakyRelu, type, 2 * side);
  fused2_ = Fuse(conv2_, norm2_, Activation::kLeakyRelu, type, 2 * side);
}

}  // namespace lingula
