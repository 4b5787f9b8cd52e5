// Makes a retrieved response fit the image at hand (ProLearn, "GuidedApproximation").
#pragma once

#include "model/nets/prolearn/prototype_guide.h"
#include "model/nets/tap.h"

namespace lingula {

struct GuidedApproximationOptions {
  int64_t visual_channels = 768;
  int64_t skip_channels = 384;
  int64_t response_tokens = 3;  // k
  int64_t response_dim = 512;   // D'
  int64_t cross_heads = 4;
  double scale = 1.0;
};

// LN(r + cross1(self1(r), Linear1(visual)) + cross2(self2(r), Linear2(skip))): the response asks,
// the image answers.
class GuidedApproximationImpl : public torch::nn::Module {
 public:
  explicit GuidedApproximationImpl(const GuidedApproximationOptions& options);

  // response [B, k, D'], visual [B, N, visual_channels], skip [B, M, skip_channels].
  // Returns [B, k, D']. `tap` sees "self_attn1" and "branch1".
  torch::Tensor forward(const torch::Tensor& response, const torch::Tensor& visual,
                        const torch::Tensor& skip, const Tap& tap = nullptr);
  // For N = visual_tokens, M = skip_tokens. Afterwards no image token is projected to D': that was
  // all but a hundredth of the work. Cannot be undone.
  void Fold(int64_t visual_tokens, int64_t skip_tokens, torch::ScalarType type);

 private:
  // Of projected tokens or, folded, of tokens as they are.
  torch::Tensor Approximate(const torch::Tensor& response, const torch::Tensor& visual,
                            const torch::Tensor& skip, const Tap& tap);

  const int64_t response_tokens_;
  torch::nn::Linear projection1_, projection2_;
  DoubledSelfAttention self_attn1_, self_attn2_;
  DoubledCrossAttention cross_attn1_, cross_attn2_;
  torch::nn::LayerNorm norm_;
  bool folded_ = false;
};
TORCH_MODULE(GuidedApproximation);

}  // namespace lingula
