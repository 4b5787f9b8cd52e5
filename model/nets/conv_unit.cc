#include "model/nets/conv_unit.h"

#include "model/nets/norm_activate.h"

namespace lingula {

void FoldNorm(torch::nn::Conv2d& conv, const torch::nn::BatchNorm2d& norm) {
  torch::NoGradGuard no_grad;
  const auto gain = norm->weight / torch::sqrt(norm->running_var + norm->options.eps());
  const auto old_bias = conv->bias.defined() ? conv->bias : torch::zeros_like(norm->running_mean);
  conv->weight.set_data(conv->weight * gain.view({-1, 1, 1, 1}));
  const auto bias = ((old_bias - norm->running_mean) * gain + norm->bias).detach();
  if (conv->bias.defined()) {
    conv->bias.set_data(bias);
  } else {
    // A buffer: Torch has taken the parameter's name already, for the bias that is not there.
    conv->bias = conv->register_buffer("bias", bias);
  }
}

void MergeInputChannels(torch::nn::Conv2d& conv) {
  torch::NoGradGuard no_grad;
  conv->weight.set_data(conv->weight.sum(1, true));
  conv->options.in_channels(1);
}

FusedConv Fuse(torch::nn::Conv2d& conv, const torch::nn::BatchNorm2d& norm, Activation activation,
               torch::ScalarType type, int64_t side) {
  FoldNorm(conv, norm);
  return Fuse(conv, activation, type, side);
}

FusedConv Fuse(torch::nn::Conv2d& conv, Activation activation, torch::ScalarType type,
               int64_t side) {
  FusedConv fused(conv, activation, type, side);
  conv->weight.set_data(torch::empty({0}));
  return fused;
}

ConvUnitImpl::ConvUnitImpl(const torch::nn::Conv2dOptions& options, Activation activation)
    : activation_(activation),
      conv_(register_module("conv",
                            torch::nn::Conv2d(torch::nn::Conv2dOptions(options).bias(false)))),
      bn_(register_module("bn", torch::nn::BatchNorm2d(options.out_channels()))) {}

torch::Tensor ConvUnitImpl::Convolve(const torch::Tensor& x) {
  const auto& o = conv_->options;
  const bool depthwise = o.groups() > 1 && o.groups() == o.out_channels();
  if (!depthwise || !is_training() || !x.device().is_cpu() || o.stride()->at(0) != 2) {
    return conv_(x);
  }
  // Backward through every second pixel of a dense convolution is many times faster on processors
  // than oneDNN's backward pass of the sparse one, which is no vector code.
  const auto& padding = std::get<torch::ExpandingArray<2>>(o.padding());
  const auto dense =
      torch::conv2d(x, conv_->weight, conv_->bias, 1, padding, o.dilation(), o.groups());
  using torch::indexing::Slice;
  return dense
      .index({Slice(), Slice(), Slice(0, torch::indexing::None, 2),
              Slice(0, torch::indexing::None, 2)})
      .contiguous(torch::MemoryFormat::ChannelsLast);
}

torch::Tensor ConvUnitImpl::forward(const torch::Tensor& x) {
  return folded() ? fused_(x) : NormActivate(bn_, Convolve(x), activation_);
}

ConvUnit SameUnit(int64_t in, int64_t out, int64_t kernel, Activation activation, int64_t stride) {
  return ConvUnit(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2),
                  activation);
}

void LinearUnitImpl::Fold(torch::ScalarType type) {
  fused_ = FusedLinear(weight, bias, activation_, type);
  weight.set_data(torch::empty({0}));
}

}  // namespace lingula
