// Guide layers, variant B (reference network ProLearn), and the decoder stages made of them. The
// names are those of variant A (model/nets/guide_decoder.h), the arithmetic is not: the published
// code adds its positional module's *output* to that module's input, so that tokens are doubled
// and get positions, and values carry the positions, too.
#pragma once

#include "model/nets/attention.h"
#include "model/nets/lean_attention.h"
#include "model/nets/sinusoid.h"
#include "model/nets/tap.h"
#include "model/nets/up_block.h"

namespace lingula {

// x2 = 2x + pe; returns x2 + LN(MHA(n, n, n)), n = LN(x2), one head.
class DoubledSelfAttentionImpl : public torch::nn::Module {
 public:
  explicit DoubledSelfAttentionImpl(int64_t channels);
  // x [B, N, C], N up to 5000.
  torch::Tensor forward(const torch::Tensor& x);
  // Prepares for N up to `tokens` in `type`. Cannot be undone.
  void Fold(int64_t tokens, torch::ScalarType type);

 private:
  const int64_t channels_;
  torch::nn::LayerNorm norm_, self_attn_norm_;
  Attention self_attn_;
  PositionCode vis_pos_;
  torch::Tensor position_;  // folded
  OneHead folded_;
};
TORCH_MODULE(DoubledSelfAttention);

// u2 = 2u + pe, w2 = 2w + pe; returns u2 + s LN(MHA(LN(u2), w2, w2)), s a learned scalar.
class DoubledCrossAttentionImpl : public torch::nn::Module {
 public:
  DoubledCrossAttentionImpl(int64_t channels, int64_t heads, double scale);
  // u [B, N, C]; w [B, M, C], neither normalised before nor masked. `use_guidance` [B, 1, 1]: 0
  // leaves w out of a sample; undefined means all 1.
  torch::Tensor forward(const torch::Tensor& u, const torch::Tensor& w,
                        const torch::Tensor& use_guidance);
  // For up to `tokens` rows in u and few in w. Cannot be undone.
  void FoldForFewKeys(int64_t tokens, int64_t keys, torch::ScalarType type);
  // For `queries` rows in u and `tokens` in w, where w = projection(x): afterwards forward takes x
  // in place of w and never computes w. Cannot be undone.
  void FoldForFewQueries(const torch::nn::Linear& projection, int64_t queries, int64_t tokens,
                         torch::ScalarType type);

 private:
  void FoldQueries(int64_t queries, torch::ScalarType type);
  torch::Tensor Attend(const torch::Tensor& n, const torch::Tensor& w);
  KeysValues Prepare(const torch::Tensor& w) const;

  const int64_t channels_, heads_;
  torch::Tensor scale_;
  torch::nn::LayerNorm norm_, cross_attn_norm_;
  Attention cross_attn_;
  PositionCode vis_pos_, txt_pos_;
  torch::Tensor position_, key_position_;  // folded
  FewKeys few_keys_;
  FewQueries few_queries_;
};
TORCH_MODULE(DoubledCrossAttention);

struct PrototypeGuideOptions {
  int64_t channels = 768;       // C
  int64_t response_tokens = 3;  // k
  int64_t response_dim = 512;   // D'
  int64_t cross_heads = 4;
  double scale = 1.0;  // start of the learned weight of the response
};

// Mixes a response into visual tokens: self-attention, then cross-attention with the response.
class PrototypeGuideImpl : public torch::nn::Module {
 public:
  explicit PrototypeGuideImpl(const PrototypeGuideOptions& options);

  // response [B, k, D'] -> [B, k, C]: mixed across the tokens' *ranks*, then widened.
  torch::Tensor ProjectText(const torch::Tensor& response);
  // x [B, N, C], use_guidance as above. Returns [B, N, C].
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& response,
                        const torch::Tensor& use_guidance);
  void Fold(int64_t tokens, torch::ScalarType type);
  DoubledSelfAttention& self_attn() { return self_attn_; }
  DoubledCrossAttention& cross_attn() { return cross_attn_; }

 private:
  const int64_t response_tokens_;
  DoubledSelfAttention self_attn_;
  DoubledCrossAttention cross_attn_;
  torch::nn::Conv1d mix_{nullptr};
  torch::nn::Linear widen_{nullptr};
  bool folded_ = false;
};
TORCH_MODULE(PrototypeGuide);

// One decoder stage.
class PrototypeDecoderImpl : public torch::nn::Module {
 public:
  explicit PrototypeDecoderImpl(const PrototypeGuideOptions& options);

  // x [B, C, h, h], skip [B, C / 2, 2h, 2h], response and use_guidance as in PrototypeGuide.
  // Returns [B, C / 2, 2h, 2h]. `tap` sees "guide" [B, h * h, C].
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& skip,
                        const torch::Tensor& response, const torch::Tensor& use_guidance,
                        const Tap& tap = nullptr);
  // For maps of `side` x `side`.
  void Fold(int64_t side, torch::ScalarType type);
  PrototypeGuide& guide_layer() { return guide_layer_; }

 private:
  PrototypeGuide guide_layer_;
  UpBlock decoder_;
};
TORCH_MODULE(PrototypeDecoder);

}  // namespace lingula
