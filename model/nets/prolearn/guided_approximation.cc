#include "model/nets/prolearn/guided_approximation.h"

#include <map>
#include <string>
#include <vector>

#include "model/nets/prolearn/sample_by_sample.h"

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
  if (!folded_) {
    return Approximate(response, projection1_(visual), projection2_(skip), tap);
  }
  std::map<std::string, std::vector<torch::Tensor>> seen;
  const Tap see = [&seen](const std::string& name, const torch::Tensor& value) {
    seen[name].push_back(value);
  };
  const auto answer = SampleBySample(response.size(0), [&](int64_t i) {
    return Approximate(response.narrow(0, i, 1), visual.narrow(0, i, 1), skip.narrow(0, i, 1),
                       tap ? see : tap);
  });
  for (const auto& [name, values] : seen) {
    tap(name, torch::cat(values));
  }
  return answer;
}

torch::Tensor GuidedApproximationImpl::Approximate(const torch::Tensor& response,
                                                   const torch::Tensor& visual,
                                                   const torch::Tensor& skip, const Tap& tap) {
  const auto all = torch::Tensor();
  const auto asked1 = self_attn1_(response);
  const auto branch1 = cross_attn1_(asked1, visual, all);
  const auto branch2 = cross_attn2_(self_attn2_(response), skip, all);
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
