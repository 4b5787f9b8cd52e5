#include "model/nets/guide_decoder.h"

#include "model/nets/conv_unit.h"

namespace lingula {
namespace {

constexpr int64_t kLongestMap = 5000;  // positions that the reference's buffer holds

torch::nn::LayerNorm MakeNorm(int64_t channels) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels}));
}

}  // namespace

GuideLayerImpl::GuideLayerImpl(const GuideDecoderOptions& o)
    : scale_(register_parameter("scale", torch::tensor(static_cast<float>(o.scale)))),
      norm1_(register_module("norm1", MakeNorm(o.in_channels))),
      norm2_(register_module("norm2", MakeNorm(o.in_channels))),
      self_attn_norm_(register_module("self_attn_norm", MakeNorm(o.in_channels))),
      cross_attn_norm_(register_module("cross_attn_norm", MakeNorm(o.in_channels))),
      self_attn_(register_module("self_attn", Attention(o.in_channels, 1))),
      cross_attn_(register_module("cross_attn", Attention(o.in_channels, o.cross_heads))),
      vis_pos_(register_module("vis_pos", PositionCode(kLongestMap, o.in_channels))),
      txt_pos_(register_module("txt_pos", PositionCode(o.text_tokens, o.in_channels))) {
  auto project = register_module("text_project", torch::nn::Sequential());
  mix_ = project->register_module("0", torch::nn::Conv1d(o.report_tokens, o.text_tokens, 1));
  widen_ = project->register_module("2", torch::nn::Linear(o.report_dim, o.in_channels));
}

KeysValues GuideLayerImpl::ProjectText(const torch::Tensor& text) {
  // The convolution treats token positions as channels, so padding takes part.
  const auto t = torch::leaky_relu(widen_(torch::gelu(mix_(text))), 0.01);  // [B, text_tokens, C]
  return cross_attn_->Project(txt_pos_(t), t);
}

torch::Tensor GuideLayerImpl::forward(torch::Tensor x, const KeysValues& text,
                                      const torch::Tensor& use_text) {
  auto n = norm1_(x);
  const auto placed = vis_pos_(n);
  x = x + self_attn_norm_(self_attn_(placed, placed, n));
  n = norm2_(x);
  auto guided = scale_ * cross_attn_norm_(cross_attn_->Attend(vis_pos_(n), text));
  if (use_text.defined()) {
    guided = guided * use_text;
  }
  return x + guided;
}

UpBlockImpl::UpBlockImpl(int64_t c) {
  auto transposed = register_module("transp_conv", torch::nn::Sequential());
  up_ = transposed->register_module(
      "conv", torch::nn::ConvTranspose2d(
                  torch::nn::ConvTranspose2dOptions(c, c / 2, 2).stride(2).bias(false)));
  auto block = register_module("conv_block", torch::nn::Sequential());
  const auto add_conv = [&block](const char* name, int64_t in, int64_t out) {
    auto holder = block->register_module(name, torch::nn::Sequential());
    return holder->register_module(
        "conv", torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 3).padding(1).bias(false)));
  };
  conv1_ = add_conv("conv1", c, c / 2);
  conv2_ = add_conv("conv2", c / 2, c / 2);
  norm1_ = block->register_module("norm1", torch::nn::BatchNorm2d(c / 2));
  norm2_ = block->register_module("norm2", torch::nn::BatchNorm2d(c / 2));
}

torch::Tensor UpBlockImpl::forward(const torch::Tensor& x, const torch::Tensor& skip) {
  if (fused1_.ready()) {
    return fused2_(fused1_(torch::cat({Double(x), skip}, 1)));
  }
  const auto y = Activate(norm1_(conv1_(torch::cat({up_(x), skip}, 1))), Activation::kLeakyRelu);
  return Activate(norm2_(conv2_(y)), Activation::kLeakyRelu);
}

// A transposed convolution with kernel and stride 2 has no overlap: it is one matrix product for
// each pixel and a rearrangement of the answer.
torch::Tensor UpBlockImpl::Double(const torch::Tensor& x) {
  const int64_t b = x.size(0), h = x.size(2), w = x.size(3);
  const auto pixels = x.permute({0, 2, 3, 1});  // [B, h, w, C]
  return torch::linear(pixels, up_matrix_)      // [B, h, w, 4 * C / 2]
      .view({b, h, w, 2, 2, -1})
      .transpose(2, 3)  // [B, h, 2, w, 2, C / 2]
      .reshape({b, 2 * h, 2 * w, -1})
      .permute({0, 3, 1, 2});
}

void UpBlockImpl::Fold(torch::ScalarType type) {
  torch::NoGradGuard no_grad;
  // up_ weight [C, C / 2, 2, 2] -> rows ordered (row, column, channel)
  up_matrix_ = up_->weight.permute({2, 3, 1, 0}).reshape({-1, up_->weight.size(0)}).to(type);
  fused1_ = Fuse(conv1_, norm1_, Activation::kLeakyRelu, type);
  fused2_ = Fuse(conv2_, norm2_, Activation::kLeakyRelu, type);
}

torch::Tensor GuideDecoderImpl::forward(const torch::Tensor& x, const torch::Tensor& skip,
                                        const KeysValues& text, const torch::Tensor& use_text) {
  const auto tokens = x.flatten(2).transpose(1, 2);  // [B, h * h, C]
  const auto guided = guide_layer_(tokens, text, use_text);
  return decoder_(guided.transpose(1, 2).reshape_as(x), skip);
}

}  // namespace lingula
