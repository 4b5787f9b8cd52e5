#include "model/nets/convnext.h"

#include "model/nets/conv_unit.h"

namespace lingula {
namespace {

constexpr double kNormEps = 1e-6;
constexpr int64_t kSide = 224;  // of the images that folding expects; a hint

torch::nn::LayerNorm MakeNorm(int64_t channels) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels}).eps(kNormEps));
}

// LayerNorm over the channels of a map [B, C, H, W].
torch::Tensor NormChannels(torch::nn::LayerNorm& norm, const torch::Tensor& x) {
  return norm(x.permute({0, 2, 3, 1})).permute({0, 3, 1, 2});
}

// Depthwise 7x7, LayerNorm, two linear layers with GELU between, layer scale, residual.
class ConvNextBlockImpl : public torch::nn::Module {
 public:
  explicit ConvNextBlockImpl(int64_t c)
      : dwconv_(register_module(
            "dwconv", torch::nn::Conv2d(torch::nn::Conv2dOptions(c, c, 7).padding(3).groups(c)))),
        layernorm_(register_module("layernorm", MakeNorm(c))),
        pwconv1_(register_module("pwconv1", LinearUnit(c, 4 * c, Activation::kGelu))),
        pwconv2_(register_module("pwconv2", LinearUnit(4 * c, c))),
        scale_(register_parameter("layer_scale_parameter", torch::full({c}, 1e-6))) {}

  torch::Tensor forward(const torch::Tensor& x) {  // [B, C, H, W]
    const bool folded = fused_.ready();
    const auto seen = folded ? fused_(x) : dwconv_(x);
    const auto y = pwconv1_(layernorm_(seen.permute({0, 2, 3, 1})));
    if (folded) {
      return pwconv2_->AddTo(y, x.permute({0, 2, 3, 1})).permute({0, 3, 1, 2});
    }
    return x + (pwconv2_(y) * scale_).permute({0, 3, 1, 2});
  }

  void Fold(torch::ScalarType type) {
    torch::NoGradGuard no_grad;
    fused_ = Fuse(dwconv_, Activation::kNone, type);
    pwconv1_->Fold(type);
    pwconv2_->weight.mul_(scale_.unsqueeze(1));
    pwconv2_->bias.mul_(scale_);
    pwconv2_->Fold(type);
  }

 private:
  torch::nn::Conv2d dwconv_;
  torch::nn::LayerNorm layernorm_;
  LinearUnit pwconv1_, pwconv2_;
  torch::Tensor scale_;
  FusedConv fused_;
};
TORCH_MODULE(ConvNextBlock);

// A module that only gives its children a name, as the state dict wants it.
torch::nn::ModuleHolder<torch::nn::SequentialImpl> Folder() {
  return torch::nn::Sequential();
}

}  // namespace

ConvNext::ConvNext(const ConvNextOptions& options) : options_(options) {
  auto model = register_module("model", Folder());
  auto embeddings = model->register_module("embeddings", Folder());
  patch_ = embeddings->register_module(
      "patch_embeddings",
      torch::nn::Conv2d(torch::nn::Conv2dOptions(3, options.widths[0], 4).stride(4)));
  patch_norm_ = embeddings->register_module("layernorm", MakeNorm(options.widths[0]));
  auto encoder = model->register_module("encoder", Folder());
  auto stages = encoder->register_module("stages", Folder());
  for (int s = 0; s < 4; ++s) {
    auto stage = stages->register_module(std::to_string(s), Folder());
    if (s > 0) {
      auto down = stage->register_module("downsampling_layer", Folder());
      stages_[s].norm = down->register_module("0", MakeNorm(options.widths[s - 1]));
      stages_[s].down = down->register_module(
          "1",
          torch::nn::Conv2d(
              torch::nn::Conv2dOptions(options.widths[s - 1], options.widths[s], 2).stride(2)));
    }
    stages_[s].layers = stage->register_module("layers", torch::nn::ModuleList());
    for (int64_t i = 0; i < options.depths[s]; ++i) {
      stages_[s].layers->push_back(ConvNextBlock(options.widths[s]));
    }
  }
}

void ConvNext::Fold(torch::ScalarType type, bool grey) {
  torch::NoGradGuard no_grad;
  if (grey) {
    MergeInputChannels(patch_);
  }
  fused_patch_ = Fuse(patch_, Activation::kNone, type);
  for (int s = 0; s < 4; ++s) {
    Stage& stage = stages_[s];
    if (s > 0) {
      stage.fused_down = Fuse(stage.down, Activation::kNone, type, kSide / 4 >> (s - 1));
    }
    for (const auto& layer : *stage.layers) {
      layer->as<ConvNextBlockImpl>()->Fold(type);
    }
  }
}

Features ConvNext::forward(const torch::Tensor& image) {
  Features features;
  const bool folded = fused_patch_.ready();
  auto x = NormChannels(patch_norm_, folded ? fused_patch_(image) : patch_(image));
  for (int s = 0; s < 4; ++s) {
    if (s > 0) {
      const auto n = NormChannels(stages_[s].norm, x);
      x = folded ? stages_[s].fused_down(n) : stages_[s].down(n);
    }
    for (const auto& layer : *stages_[s].layers) {
      x = layer->as<ConvNextBlockImpl>()->forward(x);
    }
    features[s] = x;
  }
  return features;
}

}  // namespace lingula
