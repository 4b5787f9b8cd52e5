#include "model/nets/rtdetr/hybrid_encoder.h"

#include <cmath>
#include <string>

namespace lingula {
namespace {

constexpr int kRepConvs = 3;  // of a RepC3

// [length, channels]: sines, then cosines.
torch::Tensor LineCode(int64_t length, int64_t channels) {
  const int64_t n = channels / 2;
  const auto exponent = torch::arange(n, torch::kFloat64) * (-std::log(10000.0) / n);
  const auto angle =
      torch::arange(length, torch::kFloat64).unsqueeze(1) * torch::exp(exponent).unsqueeze(0);
  return torch::cat({torch::sin(angle), torch::cos(angle)}, 1).to(torch::kFloat32);
}

}  // namespace

torch::Tensor GridCode(int64_t height, int64_t width, int64_t channels) {
  const int64_t half = channels / 2;
  const auto rows = LineCode(height, half).unsqueeze(1).expand({height, width, half});
  const auto columns = LineCode(width, half).unsqueeze(0).expand({height, width, half});
  return torch::cat({rows, columns}, 2).view({1, height * width, channels});
}

RepConvImpl::RepConvImpl(int64_t channels)
    : conv1_(register_module("conv1", SameUnit(channels, channels, 3, Activation::kNone))),
      conv2_(register_module("conv2", SameUnit(channels, channels, 1, Activation::kNone))) {}

torch::Tensor RepConvImpl::forward(const torch::Tensor& x) {
  return fused_.ready() ? fused_(x) : torch::silu(conv1_(x) + conv2_(x));
}

void RepConvImpl::Fold(torch::ScalarType type) {
  torch::NoGradGuard no_grad;
  auto& wide = conv1_->conv();
  auto& narrow = conv2_->conv();
  FoldNorm(wide, conv1_->bn());
  FoldNorm(narrow, conv2_->bn());
  // A 1x1 kernel is the middle of a 3x3 kernel.
  wide->weight.set_data(wide->weight + torch::constant_pad_nd(narrow->weight, {1, 1, 1, 1}));
  wide->bias.set_data(wide->bias + narrow->bias);
  narrow->weight.set_data(torch::empty({0}));
  fused_ = Fuse(wide, Activation::kSilu, type);
}

RepC3Impl::RepC3Impl(int64_t channels)
    : cv1_(register_module("cv1", SameUnit(2 * channels, channels, 1, Activation::kSilu))),
      cv2_(register_module("cv2", SameUnit(2 * channels, channels, 1, Activation::kSilu))) {
  auto chain = register_module("m", torch::nn::Sequential());
  for (int i = 0; i < kRepConvs; ++i) {
    m_.push_back(chain->register_module(std::to_string(i), RepConv(channels)));
  }
}

torch::Tensor RepC3Impl::forward(const torch::Tensor& x) {
  auto y = cv1_(x);
  for (auto& unit : m_) {
    y = unit(y);
  }
  return y + cv2_(x);
}

void RepC3Impl::Fold(torch::ScalarType type) {
  cv1_->Fold(type);
  cv2_->Fold(type);
  for (auto& unit : m_) {
    unit->Fold(type);
  }
}

TopDownFusionImpl::TopDownFusionImpl(int64_t channels, int64_t fine_channels)
    : repc_(register_module("repc", RepC3(channels))),
      conv_standard_(
          register_module("conv_standard", SameUnit(channels, channels, 1, Activation::kSilu))),
      conv_reduce_(register_module("conv_reduce",
                                   SameUnit(fine_channels, channels, 1, Activation::kNone))) {}

TopDownFusionImpl::Answer TopDownFusionImpl::forward(const torch::Tensor& coarse,
                                                     const torch::Tensor& fine) {
  const auto kept = conv_standard_(coarse);
  const auto up = torch::upsample_nearest2d(kept, fine.sizes().slice(2));
  return {kept, repc_(torch::cat({up, conv_reduce_(fine)}, 1))};
}

void TopDownFusionImpl::Fold(torch::ScalarType type) {
  repc_->Fold(type);
  conv_standard_->Fold(type);
  conv_reduce_->Fold(type);
}

BottomUpFusionImpl::BottomUpFusionImpl(int64_t channels)
    : repc_(register_module("repc", RepC3(channels))),
      conv_(register_module("conv", SameUnit(channels, channels, 3, Activation::kSilu, 2))) {}

torch::Tensor BottomUpFusionImpl::forward(const torch::Tensor& fine, const torch::Tensor& coarse) {
  return repc_(torch::cat({conv_(fine), coarse}, 1));
}

void BottomUpFusionImpl::Fold(torch::ScalarType type) {
  repc_->Fold(type);
  conv_->Fold(type);
}

HybridEncoderImpl::HybridEncoderImpl(const HgNetWidths& w, int64_t hidden, int64_t heads)
    : conv_(register_module("conv", SameUnit(w.s5, hidden, 1, Activation::kNone))),
      aifi_(register_module("aifi", TokenLayer(hidden, heads))),
      fusion_1_(hidden, w.s4),
      fusion_2_(hidden, w.s3),
      fusion_3_(hidden),
      fusion_4_(hidden) {
  auto ccfm = register_module("ccfm", torch::nn::Sequential());
  ccfm->register_module("fusion_1", fusion_1_);
  ccfm->register_module("fusion_2", fusion_2_);
  ccfm->register_module("fusion_3", fusion_3_);
  ccfm->register_module("fusion_4", fusion_4_);
}

EncodedMaps HybridEncoderImpl::forward(const HgNetMaps& maps) {
  const auto deep = conv_(maps.s5);
  const int64_t b = deep.size(0), c = deep.size(1), h = deep.size(2), w = deep.size(3);
  const auto code = code_.Get({{h, w}}, deep.device(), [&](const MapShapes&) {
    return GridCode(h, w, c).to(deep.device());
  });
  const auto tokens = deep.permute({0, 2, 3, 1}).reshape({b, h * w, c});
  EncodedMaps out;
  out.aifi = aifi_(tokens, code).view({b, h, w, c}).permute({0, 3, 1, 2});
  const auto middle = fusion_1_(out.aifi, maps.s4);
  const auto fine = fusion_2_(middle.fused, maps.s3);
  out.x1 = fine.fused;
  out.x2 = fusion_3_(out.x1, fine.kept);
  out.x3 = fusion_4_(out.x2, middle.kept);
  return out;
}

void HybridEncoderImpl::Fold(torch::ScalarType type) {
  conv_->Fold(type);
  aifi_->Fold(type);
  fusion_1_->Fold(type);
  fusion_2_->Fold(type);
  fusion_3_->Fold(type);
  fusion_4_->Fold(type);
}

}  // namespace lingula
