#include "model/nets/fused_conv.h"

#include <ATen/core/dispatch/Dispatcher.h>

namespace lingula {
namespace {

// The operators behind Torch's own graph compiler for processors. They have no C++ header, so they
// are looked up by name.
using Scalars = c10::List<std::optional<at::Scalar>>;
using PackSignature = at::Tensor(const at::Tensor&, at::IntArrayRef, at::IntArrayRef,
                                 at::IntArrayRef, int64_t, at::OptionalIntArrayRef);
using ConvSignature = at::Tensor(const at::Tensor&, const at::Tensor&,
                                 const std::optional<at::Tensor>&, at::IntArrayRef, at::IntArrayRef,
                                 at::IntArrayRef, int64_t, std::string_view, Scalars,
                                 std::optional<std::string_view>);
using LinearSignature = at::Tensor(const at::Tensor&, const at::Tensor&,
                                   const std::optional<at::Tensor>&, std::string_view, Scalars,
                                   std::optional<std::string_view>);
using LinearAddSignature = at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&,
                                      const std::optional<at::Tensor>&, std::string_view);
using AddSignature = at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&,
                                const std::optional<at::Tensor>&, at::IntArrayRef, at::IntArrayRef,
                                at::IntArrayRef, int64_t, std::string_view,
                                std::optional<at::Scalar>, std::optional<std::string_view>, Scalars,
                                std::optional<std::string_view>);

using LinearPackSignature = at::Tensor(const at::Tensor&, std::optional<int64_t>);

template <typename Signature>
c10::TypedOperatorHandle<Signature> Operator(const char* name, const char* overload = "") {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, overload).typed<Signature>();
}

// A map with interleaved channels as rows of pixels, and back; neither copies.
torch::Tensor ToRows(const torch::Tensor& map) {
  return map.permute({0, 2, 3, 1});
}
torch::Tensor ToMap(const torch::Tensor& rows) {
  return rows.permute({0, 3, 1, 2});
}

std::vector<int64_t> ToVector(const torch::ExpandingArray<2>& values) {
  return {values->begin(), values->end()};
}

// An activation as oneDNN's operators name it.
struct Attribute {
  const char* name;
  Scalars scalars;
  const char* algorithm = "";
};
Attribute Name(Activation activation) {
  switch (activation) {
    case Activation::kRelu:
      return {"relu", Scalars()};
    case Activation::kSilu:
      return {"swish", Scalars()};
    case Activation::kGelu:
      return {"gelu", Scalars(), "none"};
    case Activation::kRelu6:
      return {"hardtanh", Scalars{at::Scalar(0.0), at::Scalar(6.0)}};
    case Activation::kLeakyRelu:
      return {"leaky_relu", Scalars{at::Scalar(0.01)}};
    case Activation::kNone:
      break;
  }
  return {"none", Scalars()};
}

bool IsPackable(const torch::Tensor& weight) {
  return weight.is_cpu() && at::globalContext().userEnabledMkldnn();
}

}  // namespace

torch::Tensor Activate(const torch::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::kRelu:
      return torch::relu(x);
    case Activation::kSilu:
      return torch::silu(x);
    case Activation::kGelu:
      return torch::gelu(x);
    case Activation::kRelu6:
      return torch::relu6(x);
    case Activation::kLeakyRelu:
      return torch::leaky_relu(x, 0.01);
    case Activation::kNone:
      break;
  }
  return x;
}

FusedLinear::FusedLinear(const torch::Tensor& weight, const torch::Tensor& bias,
                         Activation activation, torch::ScalarType type)
    : packed_(IsPackable(weight)), activation_(activation) {
  torch::NoGradGuard no_grad;
  weight_ = weight.detach().to(type).contiguous();
  if (packed_) {
    static const auto pack = Operator<LinearPackSignature>("mkldnn::_reorder_linear_weight");
    weight_ = pack.call(weight_, std::nullopt);
  }
  if (bias.defined()) {
    bias_ = bias.detach().to(type);
  }
}

torch::Tensor FusedLinear::operator()(const torch::Tensor& x) const {
  if (!packed_) {
    return Activate(torch::linear(x, weight_, bias_.value_or(torch::Tensor())), activation_);
  }
  static const auto multiply = Operator<LinearSignature>("mkldnn::_linear_pointwise");
  const Attribute attribute = Name(activation_);
  return multiply.call(x, weight_, bias_, attribute.name, attribute.scalars, attribute.algorithm);
}

torch::Tensor FusedLinear::AddTo(const torch::Tensor& x, const torch::Tensor& other) const {
  if (!packed_) {
    return torch::linear(x, weight_, bias_.value_or(torch::Tensor())) + other;
  }
  static const auto multiply = Operator<LinearAddSignature>("mkldnn::_linear_pointwise", "binary");
  return multiply.call(x, other, weight_, bias_, "add");
}

torch::Tensor MultiplyTransposed(const torch::Tensor& a, const torch::Tensor& b) {
  static const auto multiply = Operator<LinearSignature>("mkldnn::_linear_pointwise");
  return multiply.call(a, b, std::nullopt, "none", Scalars(), "");
}

FusedConv::FusedConv(const torch::nn::Conv2d& conv, Activation activation, torch::ScalarType type,
                     int64_t side)
    : packed_(IsPackable(conv->weight)),
      stride_(ToVector(conv->options.stride())),
      padding_(ToVector(std::get<torch::ExpandingArray<2>>(conv->options.padding()))),
      dilation_(ToVector(conv->options.dilation())),
      groups_(conv->options.groups()),
      activation_(activation) {
  torch::NoGradGuard no_grad;
  const auto weight = conv->weight.detach().to(type);
  if (conv->bias.defined()) {
    bias_ = conv->bias.detach().to(type);
  }
  if (!packed_) {
    weight_ = weight.contiguous(torch::MemoryFormat::ChannelsLast);
    return;
  }
  if (weight.size(2) == 1 && weight.size(3) == 1 && stride_[0] == 1 && groups_ == 1) {
    pointwise_ = FusedLinear(weight.flatten(1), conv->bias, activation, type);
    return;
  }
  static const auto pack = Operator<PackSignature>("mkldnn::_reorder_convolution_weight");
  const std::vector<int64_t> input{1, conv->options.in_channels(), side, side};
  weight_ =
      pack.call(weight.contiguous(torch::MemoryFormat::ChannelsLast), padding_, stride_, dilation_,
                groups_, side > 0 ? at::OptionalIntArrayRef(input) : at::OptionalIntArrayRef());
}

torch::Tensor FusedConv::Plain(const torch::Tensor& x) const {
  return torch::conv2d(x, weight_, bias_.value_or(torch::Tensor()), stride_, padding_, dilation_,
                       groups_);
}

torch::Tensor FusedConv::operator()(const torch::Tensor& x) const {
  if (!packed_) {
    return Activate(Plain(x), activation_);
  }
  if (pointwise_.ready()) {
    return ToMap(pointwise_(ToRows(x)));
  }
  static const auto convolve = Operator<ConvSignature>("mkldnn::_convolution_pointwise");
  const Attribute attribute = Name(activation_);
  return convolve.call(x, weight_, bias_, padding_, stride_, dilation_, groups_, attribute.name,
                       attribute.scalars, attribute.algorithm);
}

torch::Tensor FusedConv::AddTo(const torch::Tensor& x, const torch::Tensor& other) const {
  if (!packed_) {
    return Activate(Plain(x), activation_) + other;
  }
  if (pointwise_.ready()) {
    return ToMap(pointwise_.AddTo(ToRows(x), ToRows(other)));
  }
  static const auto convolve = Operator<AddSignature>("mkldnn::_convolution_pointwise", "binary");
  return convolve.call(x, other, weight_, bias_, padding_, stride_, dilation_, groups_, "add",
                       at::Scalar(1.0), std::nullopt, Scalars(), std::nullopt);
}

}  // namespace lingula
