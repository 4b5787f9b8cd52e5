#include "model/nets/subpixel_head.h"

#include "model/nets/conv_unit.h"

namespace lingula {
namespace {

constexpr int64_t kFactor = 4;

// Averages 4x4 windows that end at each pixel; zeros before the first row and column count, which
// damps the first three of each (as in the reference).
torch::Tensor Smooth(const torch::Tensor& x) {
  const auto padded = torch::constant_pad_nd(x, {kFactor - 1, 0, kFactor - 1, 0});
  return torch::avg_pool2d(padded, {kFactor, kFactor}, {1, 1});
}

// Smooth along one axis by two shifted additions, many times faster than pooling: y[i] = x[i] +
// x[i-1], then y[i] + y[i-2], with zeros before the start.
torch::Tensor SumOfFour(torch::Tensor x, int64_t axis) {
  for (const int64_t shift : {1, 2}) {
    auto sum = x.clone();
    const int64_t rest = x.size(axis) - shift;
    sum.narrow(axis, shift, rest).add_(x.narrow(axis, 0, rest));
    x = sum;
  }
  return x;
}

// ICNR: the sub-pixels of a channel start equal, which avoids checkerboards (Aitken et al. 2017).
void InitIcnr(torch::Tensor weight) {
  torch::NoGradGuard no_grad;
  constexpr int64_t kSubpixels = kFactor * kFactor;
  auto kernel = torch::empty({weight.size(0) / kSubpixels, weight.size(1), 3, 3});
  torch::nn::init::kaiming_normal_(kernel);
  weight.copy_(kernel.repeat_interleave(kSubpixels, 0));
}

}  // namespace

SubpixelHeadImpl::SubpixelHeadImpl(int64_t channels, int64_t head_channels)
    : head_channels_(head_channels),
      decoder_(register_module("decoder1", torch::nn::Sequential())),
      out_folder_(register_module("out", torch::nn::Sequential())) {
  expand_ = decoder_->register_module(
      "conv_block",
      torch::nn::Conv2d(
          torch::nn::Conv2dOptions(channels, head_channels * kFactor * kFactor, 3).padding(1)));
  auto conv = out_folder_->register_module("conv", torch::nn::Sequential());
  out_ = conv->register_module("conv",
                               torch::nn::Conv2d(torch::nn::Conv2dOptions(head_channels, 1, 1)));
  InitIcnr(expand_->weight);
}

torch::Tensor SubpixelHeadImpl::Upsample(const torch::Tensor& x) {
  return Smooth(torch::pixel_shuffle(expand_(x), kFactor));
}

torch::Tensor SubpixelHeadImpl::forward(const torch::Tensor& x) {
  if (fused_.ready()) {  // in float32 from here: the values go straight into the sigmoid
    const auto pixels = torch::pixel_shuffle(fused_(x).to(torch::kFloat32), kFactor);
    return SumOfFour(SumOfFour(pixels, 2), 3) / (kFactor * kFactor) + out_bias_;
  }
  return out_(Upsample(x));
}

void SubpixelHeadImpl::Fold(torch::ScalarType type) {
  torch::NoGradGuard no_grad;
  constexpr int64_t kSubpixels = kFactor * kFactor;
  // expand channel = head channel * 16 + sub-pixel
  const auto mix = out_->weight.view({head_channels_, 1});
  const auto weight = expand_->weight.view({head_channels_, kSubpixels, -1});
  const auto bias = expand_->bias.view({head_channels_, kSubpixels});
  const int64_t in = expand_->weight.size(1);
  expand_->weight.set_data(
      (weight * mix.unsqueeze(2)).sum(0).view({kSubpixels, in, 3, 3}).contiguous());
  expand_->bias.set_data((bias * mix).sum(0).contiguous());
  out_bias_ = out_->bias.detach().clone();
  expand_->options.out_channels(kSubpixels);
  fused_ = Fuse(expand_, Activation::kNone, type);
}

}  // namespace lingula
