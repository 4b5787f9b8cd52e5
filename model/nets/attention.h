// Multi-head attention with PyTorch's packed in-projection, so that its weights load by name.
#pragma once

#include "model/nets/conv_unit.h"

namespace lingula {

// Keys and values of an attention, projected and split: each [B, heads, N, C / heads]. FewKeys
// (lean_attention.h) has its own form of them.
struct KeysValues {
  torch::Tensor keys, values;
  torch::Tensor bias{};  // of FewKeys only
};

// softmax(q k' / sqrt(d)) v: q [B, heads, N, d], keys and values [B, heads, M, d]. Returns
// [B, heads, N, d].
torch::Tensor MixValues(const torch::Tensor& q, const KeysValues& kv);

// Parameters in_proj_weight [3C, C] (rows q, k, v), in_proj_bias [3C], out_proj.*.
class AttentionImpl : public torch::nn::Module {
 public:
  AttentionImpl(int64_t channels, int64_t heads);

  // q [B, N, C], k and v [B, M, C]. Returns [B, N, C]. Scale 1 / sqrt(C / heads), no dropout.
  torch::Tensor forward(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v);
  // The halves of forward, for keys and values that are known before the queries.
  KeysValues Project(const torch::Tensor& k, const torch::Tensor& v);
  torch::Tensor Attend(const torch::Tensor& q, const KeysValues& kv);
  // Prepares forward, of which q and k must then be one tensor, for inference in `type`; the halves
  // no longer work. Cannot be undone.
  void Fold(torch::ScalarType type);

 private:
  torch::Tensor Split(const torch::Tensor& x);               // [B, N, C] -> [B, h, N, C / h]
  torch::Tensor Rows(const torch::Tensor& x, int64_t part);  // linear with one third of in_proj

  const int64_t channels_, heads_;
  torch::Tensor in_proj_weight_, in_proj_bias_;
  LinearUnit out_proj_;
  FusedLinear query_key_, value_;  // folded
};
TORCH_MODULE(Attention);

}  // namespace lingula
