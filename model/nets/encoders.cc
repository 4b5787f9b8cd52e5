#include "model/nets/encoders.h"

#include <algorithm>

#include <string>

#include "model/nets/conv_unit.h"

namespace lingula {

std::shared_ptr<VisionEncoder> MakeEncoder(const EncoderOptions& options) {
  if (const auto* sizes = std::get_if<ConvNextOptions>(&options)) {
    return std::make_shared<ConvNext>(*sizes);
  }
  return std::make_shared<MobileNetV2>(std::get<MobileNetV2Options>(options).width);
}

Laterals::Laterals(torch::nn::Module& owner, const std::array<int64_t, 4>& encoder,
                   const std::array<int64_t, 4>& decoder)
    : convs_{nullptr, nullptr, nullptr, nullptr} {
  for (int i = 0; i < 4; ++i) {
    const int64_t to = decoder[3 - i];
    if (encoder[i] != to) {
      convs_[i] =
          owner.register_module("lateral" + std::to_string(i),
                                torch::nn::Conv2d(torch::nn::Conv2dOptions(encoder[i], to, 1)));
    }
  }
}

torch::Tensor Laterals::operator()(const Features& features, int i) {
  if (fused_[i].ready()) {
    return fused_[i](features[i]);
  }
  return convs_[i].is_empty() ? features[i] : convs_[i](features[i]);
}

void Laterals::Fold(torch::ScalarType type) {
  for (int i = 0; i < 4; ++i) {
    if (!convs_[i].is_empty()) {
      fused_[i] = Fuse(convs_[i], Activation::kNone, type);
    }
  }
}

Features ToType(const Features& features, const std::optional<torch::ScalarType>& type) {
  Features converted = features;
  for (auto& feature : converted) {
    feature = type.has_value() ? feature.to(*type) : feature;
  }
  return converted;
}

void ConvertTo(const FoldTypes& types, std::initializer_list<const char*> encoders,
               torch::nn::Module& net) {
  for (const auto& child : net.named_children()) {
    const bool of_encoder =
        std::find(encoders.begin(), encoders.end(), child.key()) != encoders.end();
    child.value()->to(of_encoder ? types.encoder : types.decoder);
  }
  for (auto& parameter : net.parameters()) {
    parameter.requires_grad_(false);
  }
}

}  // namespace lingula
