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

// As Activate, but overwrites x.
torch::Tensor ActivateInPlace(torch::Tensor x, Activation activation) {
  if (activation == Activation::kRelu6) {
    x.clamp_(0, 6);
  } else if (activation == Activation::kLeakyRelu) {
    torch::leaky_relu_(x, 0.01);
  }
  return x;
}

}  // namespace

torch::Tensor Activate(const torch::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::kRelu6:
      return torch::relu6(x);
    case Activation::kLeakyRelu:
      return torch::leaky_relu(x, 0.01);
    case Activation::kNone:
      break;
  }
  return x;
}

FusedConv::FusedConv(const torch::nn::Conv2d& conv, Activation activation, torch::ScalarType type)
    : stride_(ToVector(conv->options.stride())),
      padding_(ToVector(std::get<torch::ExpandingArray<2>>(conv->options.padding()))),
      dilation_(ToVector(conv->options.dilation())),
      groups_(conv->options.groups()),
      activation_(activation) {
  torch::NoGradGuard no_grad;
  const auto weight = conv->weight.detach().to(type);
  pointwise_ = weight.size(2) == 1 && weight.size(3) == 1 && stride_[0] == 1 && groups_ == 1;
  if (pointwise_) {
    weight_ = weight.flatten(1).contiguous();  // [out, in]
  } else {
    static const auto pack = Operator<PackSignature>("mkldnn::_reorder_convolution_weight");
    weight_ = pack.call(weight.contiguous(torch::MemoryFormat::ChannelsLast), padding_, stride_,
                        dilation_, groups_, std::nullopt);
  }
  if (conv->bias.defined()) {
    bias_ = conv->bias.detach().to(type);
  }
}

// Float32 pointwise convolutions take the plain product: oneDNN's orders its sums by the number of
// rows there, so a mask would depend, in the last bits, on how many images share its batch.
torch::Tensor FusedConv::operator()(const torch::Tensor& x) const {
  const char* attribute = "none";
  Scalars scalars;
  if (activation_ == Activation::kRelu6) {
    attribute = "hardtanh";
    scalars.push_back(at::Scalar(0.0));
    scalars.push_back(at::Scalar(6.0));
  } else if (activation_ == Activation::kLeakyRelu) {
    attribute = "leaky_relu";
    scalars.push_back(at::Scalar(0.01));
  }
  if (pointwise_ && x.scalar_type() == torch::kFloat32) {
    return ActivateInPlace(
        ToMap(torch::linear(ToRows(x), weight_, bias_.value_or(torch::Tensor()))), activation_);
  }
  if (pointwise_) {
    static const auto multiply = Operator<LinearSignature>("mkldnn::_linear_pointwise");
    return ToMap(multiply.call(ToRows(x), weight_, bias_, attribute, scalars, ""));
  }
  static const auto convolve = Operator<ConvSignature>("mkldnn::_convolution_pointwise");
  return convolve.call(x, weight_, bias_, padding_, stride_, dilation_, groups_, attribute, scalars,
                       "");
}

torch::Tensor FusedConv::AddTo(const torch::Tensor& x, const torch::Tensor& other) const {
  if (pointwise_ && x.scalar_type() == torch::kFloat32) {
    return ToMap(torch::linear(ToRows(x), weight_, bias_.value_or(torch::Tensor()))).add_(other);
  }
  if (pointwise_) {
    static const auto multiply =
        Operator<LinearAddSignature>("mkldnn::_linear_pointwise", "binary");
    return ToMap(multiply.call(ToRows(x), ToRows(other), weight_, bias_, "add"));
  }
  static const auto convolve = Operator<AddSignature>("mkldnn::_convolution_pointwise", "binary");
  return convolve.call(x, other, weight_, bias_, padding_, stride_, dilation_, groups_, "add",
                       at::Scalar(1.0), std::nullopt, Scalars(), std::nullopt);
}

}  // namespace lingula
