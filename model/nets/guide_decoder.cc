#include "model/nets/guide_decoder.h"

namespace lingula {
namespace {

constexpr int64_t kLongestMap = 5000;  // positions that the reference's buffer holds

torch::nn::LayerNorm MakeNorm(int64_t channels) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels}));
}

}  // namespace

GuideLayerImpl::GuideLayerImpl(const GuideDecoderOptions& o)
    : cross_heads_(o.cross_heads),
      scale_(register_parameter("scale", torch::tensor(static_cast<float>(o.scale)))),
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
  const auto placed = txt_pos_(t);
  return folded_cross_attn_.ready() ? folded_cross_attn_.Prepare(placed, t)
                                    : cross_attn_->Project(placed, t);
}

torch::Tensor GuideLayerImpl::forward(torch::Tensor x, const KeysValues& text,
                                      const torch::Tensor& use_text) {
  const bool folded = folded_self_attn_.ready();
  const auto n = norm1_(x);
  const auto placed = vis_pos_(n);
  x = x + self_attn_norm_(folded ? folded_self_attn_(placed, n) : self_attn_(placed, placed, n));
  const auto q = vis_pos_(norm2_(x));
  const auto read = folded ? folded_cross_attn_(q, text) : cross_attn_->Attend(q, text);
  const auto guided = folded ? cross_attn_norm_(read) : scale_ * cross_attn_norm_(read);
  return x + (use_text.defined() ? guided * use_text : guided);
}

void GuideLayerImpl::Fold(torch::ScalarType type) {
  torch::NoGradGuard no_grad;
  folded_self_attn_ = OneHead(WeightsOf(self_attn_, 1), FusedLinear::kFewestRows, type);
  folded_cross_attn_ = FewKeys(WeightsOf(cross_attn_, cross_heads_), type);
  DropWeights(*self_attn_);
  DropWeights(*cross_attn_);
  cross_attn_norm_->weight.mul_(scale_);
  cross_attn_norm_->bias.mul_(scale_);
}

torch::Tensor GuideDecoderImpl::forward(const torch::Tensor& x, const torch::Tensor& skip,
                                        const KeysValues& text, const torch::Tensor& use_text) {
  const auto tokens = x.flatten(2).transpose(1, 2);  // [B, h * h, C]
  const auto guided = guide_layer_(tokens, text, use_text);
  return decoder_(guided.transpose(1, 2).reshape_as(x), skip);
}

}  // namespace lingula
