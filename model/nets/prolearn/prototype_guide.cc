#include "model/nets/prolearn/prototype_guide.h"

#include <vector>

#include "model/nets/prolearn/sample_by_sample.h"

namespace lingula {
namespace {

constexpr int64_t kLongestMap = 5000;  // positions that the reference's buffers hold

torch::nn::LayerNorm MakeNorm(int64_t channels) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels}));
}

// 2x + pe; `folded` are the first rows of pe when they have been taken out of `code`.
torch::Tensor Doubled(const torch::Tensor& x, PositionCode& code, const torch::Tensor& folded) {
  return folded.defined() ? torch::add(folded.narrow(1, 0, x.size(1)), x, 2) : x + code(x);
}

}  // namespace

DoubledSelfAttentionImpl::DoubledSelfAttentionImpl(int64_t c)
    : channels_(c),
      norm_(register_module("norm", MakeNorm(c))),
      self_attn_norm_(register_module("self_attn_norm", MakeNorm(c))),
      self_attn_(register_module("self_attn", Attention(c, 1))),
      vis_pos_(register_module("vis_pos", PositionCode(kLongestMap, c))) {}

torch::Tensor DoubledSelfAttentionImpl::forward(const torch::Tensor& x) {
  const auto doubled = Doubled(x, vis_pos_, position_);
  const auto n = norm_(doubled);
  return doubled + self_attn_norm_(folded_.ready() ? folded_(n, n) : self_attn_(n, n, n));
}

void DoubledSelfAttentionImpl::Fold(int64_t tokens, torch::ScalarType type) {
  position_ = Sinusoid(tokens, channels_).to(norm_->weight.device(), type);
  folded_ = OneHead(WeightsOf(self_attn_, 1), tokens, type);
  DropWeights(*self_attn_);
  DropWeights(*vis_pos_);
}

DoubledCrossAttentionImpl::DoubledCrossAttentionImpl(int64_t c, int64_t heads, double scale)
    : channels_(c),
      heads_(heads),
      scale_(register_parameter("scale", torch::tensor(static_cast<float>(scale)))),
      norm_(register_module("norm", MakeNorm(c))),
      cross_attn_norm_(register_module("cross_attn_norm", MakeNorm(c))),
      cross_attn_(register_module("cross_attn", Attention(c, heads))),
      vis_pos_(register_module("vis_pos", PositionCode(kLongestMap, c))),
      txt_pos_(register_module("txt_pos", PositionCode(kLongestMap, c))) {}

torch::Tensor DoubledCrossAttentionImpl::Attend(const torch::Tensor& n, const torch::Tensor& w) {
  if (few_queries_.ready()) {
    return few_queries_(n, w);
  }
  const auto doubled = Doubled(w, txt_pos_, key_position_);
  if (few_keys_.ready()) {
    return few_keys_(n, Prepare(doubled));
  }
  return cross_attn_(n, doubled, doubled);
}

KeysValues DoubledCrossAttentionImpl::Prepare(const torch::Tensor& w) const {
  std::vector<KeysValues> samples;
  for (int64_t i = 0; i < w.size(0); ++i) {
    const auto one = w.narrow(0, i, 1);
    samples.push_back(few_keys_.Prepare(one, one));
  }
  const auto all = [&](torch::Tensor KeysValues::*part) {
    return SampleBySample(w.size(0), [&](int64_t i) { return samples[i].*part; });
  };
  return {all(&KeysValues::keys), all(&KeysValues::values), all(&KeysValues::bias)};
}

torch::Tensor DoubledCrossAttentionImpl::forward(const torch::Tensor& u, const torch::Tensor& w,
                                                 const torch::Tensor& use_guidance) {
  const auto doubled = Doubled(u, vis_pos_, position_);
  const auto guided = scale_ * cross_attn_norm_(Attend(norm_(doubled), w));
  return doubled + (use_guidance.defined() ? guided * use_guidance : guided);
}

void DoubledCrossAttentionImpl::FoldForFewKeys(int64_t tokens, int64_t keys,
                                               torch::ScalarType type) {
  few_keys_ = FewKeys(WeightsOf(cross_attn_, heads_), type);
  key_position_ = Sinusoid(keys, channels_).to(norm_->weight.device(), type);
  FoldQueries(tokens, type);
}

void DoubledCrossAttentionImpl::FoldForFewQueries(const torch::nn::Linear& projection,
                                                  int64_t queries, int64_t tokens,
                                                  torch::ScalarType type) {
  torch::NoGradGuard no_grad;
  const auto positions =
      2 * projection->bias + Sinusoid(tokens, channels_)[0].to(projection->bias.device());
  few_queries_ =
      FewQueries(WeightsOf(cross_attn_, heads_), 2 * projection->weight, positions, type);
  FoldQueries(queries, type);
}

void DoubledCrossAttentionImpl::FoldQueries(int64_t queries, torch::ScalarType type) {
  position_ = Sinusoid(queries, channels_).to(norm_->weight.device(), type);
  DropWeights(*cross_attn_);
  DropWeights(*vis_pos_);
  DropWeights(*txt_pos_);
}

PrototypeGuideImpl::PrototypeGuideImpl(const PrototypeGuideOptions& o)
    : response_tokens_(o.response_tokens),
      self_attn_(register_module("self_attn", DoubledSelfAttention(o.channels))),
      cross_attn_(register_module("cross_attn",
                                  DoubledCrossAttention(o.channels, o.cross_heads, o.scale))) {
  auto project = register_module("text_project", torch::nn::Sequential());
  mix_ = project->register_module("0", torch::nn::Conv1d(o.response_tokens, o.response_tokens, 1));
  widen_ = project->register_module("2", torch::nn::Linear(o.response_dim, o.channels));
}

torch::Tensor PrototypeGuideImpl::ProjectText(const torch::Tensor& response) {
  const auto project = [this](const torch::Tensor& x) {
    return torch::leaky_relu(widen_(torch::gelu(mix_(x))), 0.01);
  };
  return folded_ ? SampleBySample(response.size(0),
                                  [&](int64_t i) { return project(response.narrow(0, i, 1)); })
                 : project(response);
}

torch::Tensor PrototypeGuideImpl::forward(const torch::Tensor& x, const torch::Tensor& response,
                                          const torch::Tensor& use_guidance) {
  return cross_attn_(self_attn_(x), ProjectText(response), use_guidance);
}

void PrototypeGuideImpl::Fold(int64_t tokens, torch::ScalarType type) {
  self_attn_->Fold(tokens, type);
  cross_attn_->FoldForFewKeys(tokens, response_tokens_, type);
  folded_ = true;
}

PrototypeDecoderImpl::PrototypeDecoderImpl(const PrototypeGuideOptions& o)
    : guide_layer_(register_module("guide_layer", PrototypeGuide(o))),
      decoder_(register_module("decoder", UpBlock(o.channels))) {}

torch::Tensor PrototypeDecoderImpl::forward(const torch::Tensor& x, const torch::Tensor& skip,
                                            const torch::Tensor& response,
                                            const torch::Tensor& use_guidance, const Tap& tap) {
  const auto tokens = x.flatten(2).transpose(1, 2);  // [B, h * h, C]
  const auto guided = guide_layer_(tokens, response, use_guidance);
  if (tap) {
    tap("guide", guided);
  }
  return decoder_(guided.transpose(1, 2).reshape_as(x), skip);
}

void PrototypeDecoderImpl::Fold(int64_t side, torch::ScalarType type) {
  guide_layer_->Fold(side * side, type);
  decoder_->Fold(type, side);
}

}  // namespace lingula
