#include "model/nets/subpixel_head.h"

#include "model/nets/conv_unit.h"

namespace lingula {
namespace {

constexpr int64_t kFactor = 4;
constexpr int64_t kSubpixels = kFactor * kFactor;

// Sums of four neighbours along one axis by two shifted additions, many times faster than pooling:
// y[i] = x[i] + x[i-1], then y[i] + y[i-2], with zeros before the start; towards the start when
// `ahead`: y[i] = x[i] + x[i+1], ...
torch::Tensor SumOfFour(torch::Tensor x, int64_t axis, bool ahead) {
  for (const int64_t shift : {1, 2}) {
    auto sum = x.clone();
    const int64_t rest = x.size(axis) - shift;
    sum.narrow(axis, ahead ? 0 : shift, rest).add_(x.narrow(axis, ahead ? shift : 0, rest));
    x = sum;
  }
  return x;
}

torch::Tensor AverageOf16(const torch::Tensor& x, bool ahead) {
  return SumOfFour(SumOfFour(x, 2, ahead), 3, ahead).div_(kFactor * kFactor);
}

// Averages 4x4 windows that end at each pixel; zeros before the first row and column count, which
// damps the first three of each (as in the reference). The gradient of a sum over what came before
// is the sum over what comes after.
class Smooth : public torch::autograd::Function<Smooth> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* /*context*/,
                               const torch::Tensor& x) {
    return AverageOf16(x, false);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* /*context*/,
                                                 torch::autograd::variable_list gradients) {
    return {AverageOf16(gradients[0], true)};
  }
};

// ICNR: the sub-pixels of a channel start equal, which avoids checkerboards (Aitken et al. 2017).
void InitIcnr(torch::Tensor weight) {
  torch::NoGradGuard no_grad;
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
  return Smooth::apply(torch::pixel_shuffle(expand_(x), kFactor));
}

torch::Tensor SubpixelHeadImpl::forward(const torch::Tensor& x) {
  if (fused_.ready()) {  // in float32 from here: the values go straight into the sigmoid
    const auto pixels = torch::pixel_shuffle(fused_(x).to(torch::kFloat32), kFactor);
    return AverageOf16(pixels, false) + out_bias_;
  }
  const auto pixels = torch::conv2d(x, MixedWeight(), MixedBias(), 1, 1);
  return Smooth::apply(torch::pixel_shuffle(pixels, kFactor).to(torch::kFloat32)) + out_->bias;
}

torch::Tensor SubpixelHeadImpl::MixedWeight() {
  // expand channel = head channel * 16 + sub-pixel
  const auto weight = expand_->weight.reshape({head_channels_, kSubpixels, -1});
  const auto mixed = (weight * out_->weight.reshape({head_channels_, 1, 1})).sum(0);
  return mixed.reshape({kSubpixels, expand_->weight.size(1), 3, 3});
}

torch::Tensor SubpixelHeadImpl::MixedBias() {
  const auto bias = expand_->bias.view({head_channels_, kSubpixels});
  return (bias * out_->weight.reshape({head_channels_, 1})).sum(0);
}

void SubpixelHeadImpl::Fold(torch::ScalarType type) {
  torch::NoGradGuard no_grad;
  const auto weight = MixedWeight(), bias = MixedBias();
  expand_->weight.set_data(weight.contiguous());
  expand_->bias.set_data(bias.contiguous());
  out_bias_ = out_->bias.detach().clone();
  expand_->options.out_channels(kSubpixels);
  fused_ = Fuse(expand_, Activation::kNone, type);
}

}  // namespace lingula
