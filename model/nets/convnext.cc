#include "model/nets/convnext.h"

#include "model/nets/conv_unit.h"

namespace lingula {
namespace {

constexpr double kNormEps = 1e-6;

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
        pwconv1_(register_module("pwconv1", torch::nn::Linear(c, 4 * c))),
        pwconv2_(register_module("pwconv2", torch::nn::Linear(4 * c, c))),
        scale_(register_parameter("layer_scale_parameter", torch::full({c}, 1e-6))) {}

  torch::Tensor forward(const torch::Tensor& x) {  // [B, C, H, W]
    auto y = layernorm_(dwconv_(x).permute({0, 2, 3, 1}));
    y = pwconv2_(torch::gelu(pwconv1_(y))) * scale_;
    return x + y.permute({0, 3, 1, 2});
  }

 private:
  torch::nn::Conv2d dwconv_;
  torch::nn::LayerNorm layernorm_;
  torch::nn::Linear pwconv1_, pwconv2_;
  torch::Tensor scale_;
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

void ConvNext::Fold(torch::ScalarType /*type*/, bool grey) {
  if (grey) {
    MergeInputChannels(patch_);
  }
}

Features ConvNext::forward(const torch::Tensor& image) {
  Features features;
  auto x = NormChannels(patch_norm_, patch_(image));
  for (int s = 0; s < 4; ++s) {
    if (s > 0) {
      x = stages_[s].down(NormChannels(stages_[s].norm, x));
    }
    for (const auto& layer : *stages_[s].layers) {
      x = layer->as<ConvNextBlockImpl>()->forward(x);
    }
    features[s] = x;
  }
  return features;
}

}  // namespace lingula
