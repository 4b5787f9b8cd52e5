// Four-fold sub-pixel up-sampling and the last convolution (docs/models.md, "SGSeg").
#pragma once

#include <torch/torch.h>

#include "model/nets/fused_conv.h"

namespace lingula {

// State dict: decoder1.conv_block.*, out.conv.conv.*; an owner that wants these names without a
// prefix registers decoder() and out() instead of the head.
class SubpixelHeadImpl : public torch::nn::Module {
 public:
  // `channels` of the incoming map, `head_channels` after the pixel shuffle.
  SubpixelHeadImpl(int64_t channels, int64_t head_channels);

  // x [B, channels, h, h]. Returns mask logits [B, 1, 4h, 4h].
  // The sub-pixel convolution and the last 1x1 convolution are linear with nothing but a shuffle
  // and an average between them, so they are computed as one, for head_channels times less work.
  torch::Tensor forward(const torch::Tensor& x);
  // What the last 1x1 convolution takes: [B, head_channels, 4h, 4h]. Not after Fold.
  torch::Tensor Upsample(const torch::Tensor& x);
  // Merges the two convolutions once and for all.
  void Fold(torch::ScalarType type);

  torch::nn::Sequential& decoder() { return decoder_; }
  torch::nn::Sequential& out() { return out_folder_; }

 private:
  // Of the two convolutions as one: [16, channels, 3, 3] and [16].
  torch::Tensor MixedWeight();
  torch::Tensor MixedBias();

  const int64_t head_channels_;
  FusedConv fused_;
  torch::nn::Sequential decoder_, out_folder_;  // carry names only
  torch::nn::Conv2d expand_{nullptr}, out_{nullptr};
  torch::Tensor out_bias_;
};
TORCH_MODULE(SubpixelHead);

}  // namespace lingula
