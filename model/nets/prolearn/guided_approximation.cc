#include "model/nets/prolearn/guided_approximation.h"

namespace lingula {

GuidedApproximationImpl::GuidedApproximationImpl(const GuidedApproximationOptions& o)
    : response_tokens_(o.response_tokens),
      projection1_(
          register_module("projection1", torch::nn::Linear(o.visual_channels, o.response_dim))),
      projection2_(
          register_module("projection2", torch::nn::Linear(o.skip_channels, o.response_dim))),
      self_attn1_(register_module("self_attn1", DoubledSelfAttention(o.response_dim))),
      self_attn2_(register_module("self_attn2", DoubledSelfAttention(o.response_dim))),
      cross_attn1_(register_module("cross_attn1",
                                   DoubledCrossAttention(o.response_dim, o.cross_heads, o.scale))),
      cross_attn2_(register_module("cross_attn2",
                                   DoubledCrossAttention(o.response_dim, o.cross_heads, o.scale))),
      norm_(register_module("norm",
                            torch::nn::LayerNorm(torch::nn::LayerNormOptions({o.response_dim})))) {}

torch::Tensor GuidedApproximationImpl::forward(const torch::Tensor& response,
                                               const torch::Tensor& visual,
                                               const torch::Tensor& skip, const Tap& tap) {
  const auto asked1 = self_attn1_(response);
  const auto asked2 = self_attn2_(response);
  const auto all = torch::Tensor();
  const auto branch1 = cross_attn1_(asked1, folded_ ? visual : projection1_(visual), all);
  const auto branch2 = cross_attn2_(asked2, folded_ ? skip : projection2_(skip), all);
  if (tap) {
    tap("self_attn1", asked1);
    tap("branch1", branch1);
  }
  return norm_(response + branch1 + branch2);
}

void GuidedApproximationImpl::Fold(int64_t visual_tokens, int64_t skip_tokens,
                                   torch::ScalarType type) {
  self_attn1_->Fold(response_tokens_, type);
  self_attn2_->Fold(response_tokens_, type);
  cross_attn1_->FoldForFewQueries(projection1_, response_tokens_, visual_tokens, type);
  cross_attn2_->FoldForFewQueries(projection2_, response_tokens_, skip_tokens, type);
  DropWeights(*projection1_);
  DropWeights(*projection2_);
  folded_ = true;
}

}  // namespace lingula
