#include "model/nets/attention.h"

#include <cmath>

#include "model/nets/softmax.h"

namespace lingula {

// Torch's fused kernel for processors gains nothing from bfloat16; with maps of at most 28 x 28
// tokens the plain products are 2.5 times as fast there (docs/performance.md).
torch::Tensor MixValues(const torch::Tensor& q, const KeysValues& kv) {
  if (!q.is_cpu() || q.scalar_type() != torch::kBFloat16 || torch::GradMode::is_enabled()) {
    return torch::scaled_dot_product_attention(q, kv.keys, kv.values);
  }
  const double scale = 1.0 / std::sqrt(static_cast<double>(q.size(3)));
  const auto weight = SoftmaxOf(torch::matmul(q * scale, kv.keys.transpose(2, 3)));
  return torch::matmul(weight, kv.values);
}

AttentionImpl::AttentionImpl(int64_t channels, int64_t heads)
    : channels_(channels),
      heads_(heads),
      in_proj_weight_(register_parameter("in_proj_weight", torch::empty({3 * channels, channels}))),
      in_proj_bias_(register_parameter("in_proj_bias", torch::zeros({3 * channels}))),
      out_proj_(register_module("out_proj", LinearUnit(channels, channels))) {
  torch::nn::init::xavier_uniform_(in_proj_weight_);
  torch::nn::init::zeros_(out_proj_->bias);
}

torch::Tensor AttentionImpl::Rows(const torch::Tensor& x, int64_t part) {
  return torch::linear(x, in_proj_weight_.narrow(0, part * channels_, channels_),
                       in_proj_bias_.narrow(0, part * channels_, channels_));
}

torch::Tensor AttentionImpl::Split(const torch::Tensor& x) {
  return x.unflatten(2, {heads_, channels_ / heads_}).transpose(1, 2);
}

KeysValues AttentionImpl::Project(const torch::Tensor& k, const torch::Tensor& v) {
  return {Split(Rows(k, 1)), Split(Rows(v, 2))};
}

torch::Tensor AttentionImpl::Attend(const torch::Tensor& q, const KeysValues& kv) {
  const auto mixed = MixValues(Split(Rows(q, 0)), kv);  // [B, h, N, C / h]
  return out_proj_(mixed.transpose(1, 2).reshape({q.size(0), q.size(1), channels_}));
}

torch::Tensor AttentionImpl::forward(const torch::Tensor& q, const torch::Tensor& k,
                                     const torch::Tensor& v) {
  if (!query_key_.ready()) {
    return Attend(q, Project(k, v));
  }
  TORCH_CHECK(q.is_same(k), "folded for queries and keys that are one tensor");
  const auto both = query_key_(q).chunk(2, -1);
  const auto mixed = MixValues(Split(both[0]), {Split(both[1]), Split(value_(v))});
  return out_proj_(mixed.transpose(1, 2).reshape(q.sizes()));
}

void AttentionImpl::Fold(torch::ScalarType type) {
  torch::NoGradGuard no_grad;
  const int64_t c = channels_;
  query_key_ = FusedLinear(in_proj_weight_.narrow(0, 0, 2 * c), in_proj_bias_.narrow(0, 0, 2 * c),
                           Activation::kNone, type);
  value_ = FusedLinear(in_proj_weight_.narrow(0, 2 * c, c), in_proj_bias_.narrow(0, 2 * c, c),
                       Activation::kNone, type);
  in_proj_weight_.set_data(torch::empty({0}));
  out_proj_->Fold(type);
}

}  // namespace lingula
