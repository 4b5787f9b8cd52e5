// Which encoder a network has, and how its features get the widths that the decoder takes.
#pragma once

#include <memory>
#include <variant>

#include "model/nets/convnext.h"
#include "model/nets/fused_conv.h"
#include "model/nets/mobilenet_v2.h"
#include "model/nets/vision_encoder.h"

namespace lingula {

struct MobileNetV2Options {
  double width = 1.0;
};

using EncoderOptions = std::variant<ConvNextOptions, MobileNetV2Options>;

std::shared_ptr<VisionEncoder> MakeEncoder(const EncoderOptions& options);

// 1x1 convolutions from the encoder's widths to the decoder's. Where the widths are equal there is
// none, so the published networks have none at all.
class Laterals {
 public:
  // Registers the convolutions in `owner` as lateral0 .. lateral3, finest first. `encoder` are the
  // widths of f0..f3, `decoder` those at strides 32, 16, 8, 4.
  Laterals(torch::nn::Module& owner, const std::array<int64_t, 4>& encoder,
           const std::array<int64_t, 4>& decoder);

  // features[i] with the decoder's width.
  torch::Tensor operator()(const Features& features, int i);
  // Prepares for inference in `type`. Cannot be undone.
  void Fold(torch::ScalarType type);

 private:
  std::array<torch::nn::Conv2d, 4> convs_;
  std::array<FusedConv, 4> fused_;
};

}  // namespace lingula
