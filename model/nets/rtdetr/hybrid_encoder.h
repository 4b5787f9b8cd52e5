// RT-DETR's hybrid encoder: attention on the coarsest map alone (AIFI), then convolutions that
// carry its answer to the finer maps and back (CCFM). Names of the published state dict.
#pragma once

#include <vector>

#include "model/nets/conv_unit.h"
#include "model/nets/location.h"
#include "model/nets/rtdetr/hgnet.h"
#include "model/nets/rtdetr/shape_cache.h"

namespace lingula {

// Two-dimensional sines and cosines for tokens in row-major order, [1, height * width, channels]:
// the first half encodes the row (sines, then cosines), the second half the column, at frequencies
// 10000^(-j / (channels / 4)). `channels` is a multiple of 4.
torch::Tensor GridCode(int64_t height, int64_t width, int64_t channels);

// SiLU of the sum of a normalised 3x3 and a normalised 1x1 convolution; one 3x3 when folded.
class RepConvImpl : public torch::nn::Module {
 public:
  explicit RepConvImpl(int64_t channels);
  torch::Tensor forward(const torch::Tensor& x);
  void Fold(torch::ScalarType type);

 private:
  FusedConv fused_;
  ConvUnit conv1_, conv2_;  // 3x3, 1x1
};
TORCH_MODULE(RepConv);

// [B, 2 channels, H, W] to [B, channels, H, W]: a chain of RepConvs beside a 1x1 convolution.
class RepC3Impl : public torch::nn::Module {
 public:
  explicit RepC3Impl(int64_t channels);
  torch::Tensor forward(const torch::Tensor& x);
  void Fold(torch::ScalarType type);

 private:
  ConvUnit cv1_, cv2_;
  std::vector<RepConv> m_;
};
TORCH_MODULE(RepC3);

// A coarse map into the next finer one.
class TopDownFusionImpl : public torch::nn::Module {
 public:
  TopDownFusionImpl(int64_t channels, int64_t fine_channels);
  struct Answer {
    torch::Tensor kept;   // of the coarse map, for the way back: [B, channels, h, w]
    torch::Tensor fused;  // [B, channels, 2h, 2w]
  };
  // coarse [B, channels, h, w], fine [B, fine_channels, 2h, 2w].
  Answer forward(const torch::Tensor& coarse, const torch::Tensor& fine);
  void Fold(torch::ScalarType type);

 private:
  RepC3 repc_;
  ConvUnit conv_standard_, conv_reduce_;
};
TORCH_MODULE(TopDownFusion);

// A fine map into the next coarser one.
class BottomUpFusionImpl : public torch::nn::Module {
 public:
  explicit BottomUpFusionImpl(int64_t channels);
  // fine [B, channels, 2h, 2w], coarse [B, channels, h, w]. Returns [B, channels, h, w].
  torch::Tensor forward(const torch::Tensor& fine, const torch::Tensor& coarse);
  void Fold(torch::ScalarType type);

 private:
  RepC3 repc_;
  ConvUnit conv_;
};
TORCH_MODULE(BottomUpFusion);

struct EncodedMaps {
  torch::Tensor aifi;        // [B, hidden, S / 32, S / 32]
  torch::Tensor x1, x2, x3;  // [B, hidden, S / stride, S / stride], strides 8, 16, 32
};

class HybridEncoderImpl : public torch::nn::Module {
 public:
  HybridEncoderImpl(const HgNetWidths& widths, int64_t hidden, int64_t heads);
  EncodedMaps forward(const HgNetMaps& maps);
  // Prepares for inference in `type`; the owner converts what is no convolution. Cannot be undone.
  void Fold(torch::ScalarType type);

 private:
  ConvUnit conv_;
  TokenLayer aifi_;
  ShapeCache<torch::Tensor> code_;
  TopDownFusion fusion_1_, fusion_2_;
  BottomUpFusion fusion_3_, fusion_4_;
};
TORCH_MODULE(HybridEncoder);

}  // namespace lingula
