// HGNetV2-L, the convolutional trunk of RT-DETR-L, with the names of the published state dict
// (docs/models.md).
#pragma once

#include <vector>

#include "model/nets/conv_unit.h"

namespace lingula {

// Channels of a trunk that is `width` times as wide as the published one: multiples of 8.
struct HgNetWidths {
  explicit HgNetWidths(double width);
  int64_t stem1, stem2, stem;                  // 32, 16, 48
  int64_t middle1, middle2, middle3, middle4;  // inside the blocks: 48, 96, 192, 384
  int64_t block1, s3, s4, s5;                  // 128, 512, 1024, 2048
};

// Of an image [B, 3, S, S]; channels as HgNetWidths says.
struct HgNetMaps {
  torch::Tensor stem, hgblock_1;  // at stride 4
  torch::Tensor s3, s4, s5;       // at strides 8, 16, 32
};

// Image to stride 4: two branches, a pooled and a convolved one, are joined half way.
class HgStemImpl : public torch::nn::Module {
 public:
  explicit HgStemImpl(const HgNetWidths& widths);
  torch::Tensor forward(const torch::Tensor& image);
  void Fold(torch::ScalarType type, bool grey);

 private:
  ConvUnit stem1_, stem2a_, stem2b_, stem3_, stem4_;
};
TORCH_MODULE(HgStem);

// Six chained units; all seven maps together are squeezed and widened by 1x1 convolutions.
struct HgBlockOptions {
  int64_t in, middle, out, kernel;
  bool light;     // units of a 1x1 and a depthwise convolution rather than of a full one
  bool residual;  // adds the input
};

class HgBlockImpl : public torch::nn::Module {
 public:
  explicit HgBlockImpl(const HgBlockOptions& options);
  // x [B, in, H, W]. Returns [B, out, H, W].
  torch::Tensor forward(const torch::Tensor& x);
  void Fold(torch::ScalarType type);

 private:
  const bool residual_;
  std::vector<std::vector<ConvUnit>> units_;  // one convolution each, or two when light
  ConvUnit sc_, ec_;
};
TORCH_MODULE(HgBlock);

class HgNetImpl : public torch::nn::Module {
 public:
  explicit HgNetImpl(const HgNetWidths& widths);
  // image [B, 3, S, S], S a multiple of 32; [B, 1, S, S] once folded with `grey`.
  HgNetMaps forward(const torch::Tensor& image);
  // Prepares for inference in `type`. Cannot be undone.
  void Fold(torch::ScalarType type, bool grey);

 private:
  HgStem stem_;
  std::vector<HgBlock> blocks_;  // 1 to 6
  std::vector<ConvUnit> down_;   // before blocks 2, 3 and 6
};
TORCH_MODULE(HgNet);

}  // namespace lingula
