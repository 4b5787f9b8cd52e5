// MobileNetV2 (Sandler et al. 2018) without its classifier, for networks that start from ImageNet.
#pragma once

#include <functional>
#include <vector>

#include "model/nets/conv_unit.h"
#include "model/nets/vision_encoder.h"

namespace lingula {

class MobileNetV2 final : public VisionEncoder {
 public:
  // `width` multiplies all channel counts (rounded to multiples of 8).
  explicit MobileNetV2(double width);
  Features forward(const torch::Tensor& image) override;
  // forward with `run` in place of each unit's own forward, in the order of computation.
  Features Walk(const torch::Tensor& image,
                const std::function<torch::Tensor(ConvUnit&, const torch::Tensor&)>& run);
  std::array<int64_t, 4> widths() const override { return widths_; }
  void Fold(torch::ScalarType type, bool grey) override;

 private:
  // One inverted residual: a run of units, with or without a shortcut.
  struct Block {
    size_t first = 0, count = 0;
    bool residual = false;
    int feature = -1;  // index of the feature map that ends here
  };
  ConvUnit Add(const torch::nn::Conv2dOptions& options, Activation activation);

  std::array<int64_t, 4> widths_{};
  torch::nn::ModuleList list_;
  std::vector<ConvUnit> units_;
  std::vector<Block> blocks_;
};

}  // namespace lingula
