// Attention for inference, with its linear maps multiplied together where that saves work. The
// results are those of AttentionImpl up to rounding; which class pays depends on which side is
// short. h heads, d = C / h. All are immutable after construction.
#pragma once

#include <torch/torch.h>

#include "model/nets/attention.h"

namespace lingula {

// The weights of a multi-head attention in PyTorch's packed order: rows q, k, v.
struct AttentionWeights {
  torch::Tensor in_weight;   // [3C, C]
  torch::Tensor in_bias;     // [3C]
  torch::Tensor out_weight;  // [C, C]
  torch::Tensor out_bias;    // [C]
  int64_t heads = 1;
};

// Those of `attention`; shares its memory.
AttentionWeights WeightsOf(const Attention& attention, int64_t heads);

// Frees the weights of a module that a folded form has replaced.
void DropWeights(torch::nn::Module& module);

// One head: q W_q' W_k k' needs one matrix for both maps, and W_o W_v another; two products of
// N C^2 where there were four.
class OneHead {
 public:
  OneHead() = default;
  // For `tokens` rows a sample.
  OneHead(const AttentionWeights& weights, int64_t tokens, torch::ScalarType type);

  bool ready() const { return out_bias_.defined(); }
  // x [B, N, C] as queries and keys, v [B, N, C] as values. Returns [B, N, C].
  torch::Tensor operator()(const torch::Tensor& x, const torch::Tensor& v) const;

 private:
  torch::Tensor score_, score_bias_, out_, out_bias_;
  FusedLinear packed_score_, packed_out_;  // where samples have rows enough for them
};

// Many queries, few keys: what a key asks of a query is carried back to the query's own channels,
// what a value adds is carried on to the output. N C^2 becomes N C times h M.
class FewKeys {
 public:
  FewKeys() = default;
  FewKeys(const AttentionWeights& weights, torch::ScalarType type);

  bool ready() const { return in_.defined(); }
  // k, v [B, M, C]. Returns h M rows for each sample: keys and values [B, h M, C], bias [B, 1, h
  // M].
  KeysValues Prepare(const torch::Tensor& k, const torch::Tensor& v) const;
  // q [B, N, C]. Returns [B, N, C].
  torch::Tensor operator()(const torch::Tensor& q, const KeysValues& rows) const;

 private:
  int64_t heads_ = 1;
  torch::Tensor in_, in_bias_;        // rows k, v of the in-projection
  torch::Tensor query_, query_bias_;  // [h, d, C], [h, d, 1], divided by sqrt(d)
  torch::Tensor out_, out_bias_;      // [h, d, C], [C]
};

// Few queries, many keys w_n = W x_n + p_n of a known number, keys and values alike: scores are
// taken from x_n, and x_n are averaged before they are projected. Nothing of size N C^2 is left.
class FewQueries {
 public:
  FewQueries() = default;
  // W `projection` [C, X] and p `positions` [N, C]; either may be undefined: the identity, and 0.
  FewQueries(const AttentionWeights& weights, const torch::Tensor& projection,
             const torch::Tensor& positions, torch::ScalarType type);

  bool ready() const { return query_.defined(); }
  // q [B, K, C], x [B, N, X]. Returns [B, K, C].
  torch::Tensor operator()(const torch::Tensor& q, const torch::Tensor& x) const;

 private:
  int64_t heads_ = 1;
  torch::Tensor query_, query_bias_;       // [C, C], [C], divided by sqrt(d)
  torch::Tensor key_, value_;              // [h, d, X]
  torch::Tensor key_place_, value_place_;  // [h, d, N], [h, N, d]; undefined without positions
  torch::Tensor value_bias_;               // [h, 1, d]
  torch::Tensor out_, out_bias_;
};

}  // namespace lingula
