// Layers with their activation as units that can be folded for inference.
#pragma once

#include <torch/torch.h>

#include "model/nets/fused_conv.h"

namespace lingula {

// Writes the (evaluation-mode) normalisation into the convolution: w' = w g / sqrt(v + eps),
// b' = (b - m) g / sqrt(v + eps) + beta. Afterwards conv alone equals norm(conv(x)).
void FoldNorm(torch::nn::Conv2d& conv, const torch::nn::BatchNorm2d& norm);

// The convolution for one input channel that stands for several equal ones (a grey image repeated
// to three channels): weights summed over the input channels.
void MergeInputChannels(torch::nn::Conv2d& conv);

// FoldNorm and FusedConv in one; frees the convolution's own weights. `side` as FusedConv has it.
FusedConv Fuse(torch::nn::Conv2d& conv, const torch::nn::BatchNorm2d& norm, Activation activation,
               torch::ScalarType type, int64_t side = 0);
// The same without a normalisation.
FusedConv Fuse(torch::nn::Conv2d& conv, Activation activation, torch::ScalarType type,
               int64_t side = 0);

// conv (no bias) -> bn -> activation; state dict names conv.*, bn.*.
class ConvUnitImpl : public torch::nn::Module {
 public:
  ConvUnitImpl(const torch::nn::Conv2dOptions& options, Activation activation);
  // x [B, C, H, W].
  torch::Tensor forward(const torch::Tensor& x);
  // forward(x) + other; only after Fold.
  torch::Tensor AddTo(const torch::Tensor& x, const torch::Tensor& other) {
    return fused_.AddTo(x, other);
  }
  // Prepares for inference in `type`. Cannot be undone.
  void Fold(torch::ScalarType type) { fused_ = Fuse(conv_, bn_, activation_, type); }
  bool folded() const { return fused_.ready(); }

  torch::nn::Conv2d& conv() { return conv_; }
  torch::nn::BatchNorm2d& bn() { return bn_; }

 private:
  torch::Tensor Convolve(const torch::Tensor& x);

  const Activation activation_;
  FusedConv fused_;
  torch::nn::Conv2d conv_;
  torch::nn::BatchNorm2d bn_;
};
TORCH_MODULE(ConvUnit);

// A unit whose map keeps its size at stride 1: padding kernel / 2.
ConvUnit SameUnit(int64_t in, int64_t out, int64_t kernel, Activation activation,
                  int64_t stride = 1);

// A linear layer and its activation; state dict names weight, bias.
class LinearUnitImpl : public torch::nn::LinearImpl {
 public:
  LinearUnitImpl(int64_t in, int64_t out, Activation activation = Activation::kNone)
      : LinearImpl(in, out), activation_(activation) {}
  // x [..., in].
  torch::Tensor forward(const torch::Tensor& x) {
    return fused_.ready() ? fused_(x) : Activate(torch::linear(x, weight, bias), activation_);
  }
  // forward(x) + other, for no activation.
  torch::Tensor AddTo(const torch::Tensor& x, const torch::Tensor& other) {
    return fused_.ready() ? fused_.AddTo(x, other) : torch::linear(x, weight, bias) + other;
  }
  // Prepares for inference in `type`. Cannot be undone.
  void Fold(torch::ScalarType type);

 private:
  const Activation activation_;
  FusedLinear fused_;
};
TORCH_MODULE(LinearUnit);

}  // namespace lingula
