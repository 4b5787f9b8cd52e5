// ConvNeXt (Liu et al. 2022) with the names of Hugging Face's state dict; published size: depths
// 3, 3, 9, 3 and widths 96, 192, 384, 768.
#pragma once

#include "model/nets/fused_conv.h"
#include "model/nets/vision_encoder.h"

namespace lingula {

struct ConvNextOptions {
  std::array<int64_t, 4> depths{3, 3, 9, 3};
  std::array<int64_t, 4> widths{96, 192, 384, 768};
};

class ConvNext final : public VisionEncoder {
 public:
  explicit ConvNext(const ConvNextOptions& options);
  Features forward(const torch::Tensor& image) override;
  std::array<int64_t, 4> widths() const override { return options_.widths; }
  void Fold(torch::ScalarType type, bool grey) override;

 private:
  const ConvNextOptions options_;
  torch::nn::Conv2d patch_{nullptr};
  torch::nn::LayerNorm patch_norm_{nullptr};
  FusedConv fused_patch_;
  struct Stage {
    torch::nn::LayerNorm norm{nullptr};
    torch::nn::Conv2d down{nullptr};
    FusedConv fused_down;
    torch::nn::ModuleList layers;
  };
  std::array<Stage, 4> stages_;
};

}  // namespace lingula
