#include "model/nets/lean_attention.h"

#include <cmath>
#include <vector>

#include "model/nets/softmax.h"

namespace lingula {
namespace {

torch::Tensor Wide(const torch::Tensor& x) {
  return x.detach().to(torch::kFloat64);  // weights are multiplied before they are rounded
}

// The parts of AttentionWeights in float64, split into heads.
struct Parts {
  explicit Parts(const AttentionWeights& w)
      : channels(w.out_bias.size(0)),
        heads(w.heads),
        scale(1.0 / std::sqrt(static_cast<double>(channels / heads))) {
    const auto weight = Wide(w.in_weight).view({3, heads, channels / heads, channels});
    const auto bias = Wide(w.in_bias).view({3, heads, channels / heads});
    query = weight[0], key = weight[1], value = weight[2];
    query_bias = bias[0], value_bias = bias[2];
    out = Wide(w.out_weight).t().reshape({heads, channels / heads, channels});
    out_bias = Wide(w.out_bias);
  }

  int64_t channels, heads;
  double scale;
  torch::Tensor query, key, value;       // [h, d, C]
  torch::Tensor query_bias, value_bias;  // [h, d]; the keys' shifts all scores alike
  torch::Tensor out;                     // [h, d, C]: from a head to the output
  torch::Tensor out_bias;                // [C]
};

// [B, M, C] -> [h, B M, d], and back.
torch::Tensor ByHead(const torch::Tensor& x, int64_t heads) {
  const int64_t rows = x.size(0) * x.size(1);
  return x.reshape({rows, heads, -1}).transpose(0, 1);
}
torch::Tensor FromHeads(const torch::Tensor& x, int64_t batch) {
  return x.transpose(0, 1).reshape({batch, x.size(1) / batch, -1});
}

// [h, B M, X] -> [B, h M, X], and back.
torch::Tensor BySample(const torch::Tensor& x, int64_t batch) {
  return x.view({x.size(0), batch, -1, x.size(2)}).transpose(0, 1).reshape({batch, -1, x.size(2)});
}
torch::Tensor FromSamples(const torch::Tensor& x, int64_t heads) {
  return x.view({x.size(0), heads, -1, x.size(2)}).transpose(0, 1).reshape({heads, -1, x.size(2)});
}

constexpr int64_t kLongRow = 128;

// MixValues for one head of long rows in float32: q, k, v [B, N, C]. Sample by sample with oneDNN,
// whose products are about twice as fast as those inside Torch's fused kernel on AMD.
torch::Tensor MixLongRows(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v) {
  const double scale = 1.0 / std::sqrt(static_cast<double>(q.size(2)));
  std::vector<torch::Tensor> mixed;
  for (int64_t i = 0; i < q.size(0); ++i) {
    const auto scores = MultiplyTransposed(q[i] * scale, k[i].contiguous());
    mixed.push_back(MultiplyTransposed(SoftmaxOf(scores), v[i].t().contiguous()));
  }
  return torch::stack(mixed);
}

}  // namespace

AttentionWeights WeightsOf(const Attention& attention, int64_t heads) {
  const auto named = attention->named_parameters();
  return {named["in_proj_weight"], named["in_proj_bias"], named["out_proj.weight"],
          named["out_proj.bias"], heads};
}

void DropWeights(torch::nn::Module& module) {
  for (auto& parameter : module.parameters()) {
    parameter.set_data(torch::empty({0}, parameter.options()));
  }
  for (auto& buffer : module.buffers()) {
    buffer.set_data(torch::empty({0}, buffer.options()));
  }
}

OneHead::OneHead(const AttentionWeights& weights, int64_t tokens, torch::ScalarType type) {
  TORCH_CHECK(weights.heads == 1);
  torch::NoGradGuard no_grad;
  const Parts p(weights);
  const auto to_out = p.out[0].t();  // [C, C], rows of the output
  score_ = p.key[0].t().matmul(p.query[0]).to(type);
  score_bias_ = p.key[0].t().matmul(p.query_bias[0]).to(type);
  out_ = to_out.matmul(p.value[0]).to(type);
  out_bias_ = (to_out.matmul(p.value_bias[0]) + p.out_bias).to(type);
  if (tokens >= FusedLinear::kFewestRows) {
    packed_score_ = FusedLinear(score_, score_bias_, Activation::kNone, type);
    packed_out_ = FusedLinear(out_, out_bias_, Activation::kNone, type);
    score_ = out_ = torch::Tensor();
  }
}

torch::Tensor OneHead::operator()(const torch::Tensor& x, const torch::Tensor& v) const {
  const bool packed = packed_score_.ready();
  const auto asked = packed ? packed_score_(x) : torch::linear(x, score_, score_bias_);
  const bool long_rows =
      packed && x.is_cpu() && x.size(2) >= kLongRow && x.scalar_type() == torch::kFloat32;
  const auto mixed =
      long_rows ? MixLongRows(asked, x, v)
                : MixValues(asked.unsqueeze(1), {x.unsqueeze(1), v.unsqueeze(1)}).squeeze(1);
  return packed ? packed_out_(mixed) : torch::linear(mixed, out_, out_bias_);
}

FewKeys::FewKeys(const AttentionWeights& weights, torch::ScalarType type) : heads_(weights.heads) {
  torch::NoGradGuard no_grad;
  const Parts p(weights);
  in_ = weights.in_weight.detach().narrow(0, p.channels, 2 * p.channels).to(type, false, true);
  in_bias_ = weights.in_bias.detach().narrow(0, p.channels, 2 * p.channels).to(type, false, true);
  query_ = (p.query * p.scale).to(type);
  query_bias_ = (p.query_bias * p.scale).unsqueeze(2).to(type);
  out_ = p.out.to(type);
  out_bias_ = p.out_bias.to(type);
}

KeysValues FewKeys::Prepare(const torch::Tensor& k, const torch::Tensor& v) const {
  const int64_t batch = k.size(0), channels = out_bias_.size(0);
  const auto project = [&](const torch::Tensor& x, int64_t part) {
    return ByHead(torch::linear(x, in_.narrow(0, part * channels, channels),
                                in_bias_.narrow(0, part * channels, channels)),
                  heads_);
  };
  const auto keys = project(k, 0);
  return {BySample(keys.bmm(query_), batch), BySample(project(v, 1).bmm(out_), batch),
          BySample(keys.bmm(query_bias_), batch).transpose(1, 2)};
}

torch::Tensor FewKeys::operator()(const torch::Tensor& q, const KeysValues& rows) const {
  const auto scores = torch::baddbmm(rows.bias, q, rows.keys.transpose(1, 2));  // [B, N, h M]
  const auto weight = SoftmaxOf(scores.view({q.size(0), q.size(1), heads_, -1}));
  return torch::baddbmm(out_bias_, weight.view(scores.sizes()), rows.values);
}

FewQueries::FewQueries(const AttentionWeights& weights, const torch::Tensor& projection,
                       const torch::Tensor& positions, torch::ScalarType type)
    : heads_(weights.heads) {
  torch::NoGradGuard no_grad;
  const Parts p(weights);
  query_ = (p.query * p.scale).view({p.channels, p.channels}).to(type);
  query_bias_ = (p.query_bias * p.scale).view({p.channels}).to(type);
  const auto through = [&](const torch::Tensor& weight) {
    return projection.defined() ? weight.matmul(Wide(projection)) : weight;
  };
  key_ = through(p.key).to(type);
  value_ = through(p.value).to(type);
  if (positions.defined()) {
    key_place_ = p.key.matmul(Wide(positions).t()).to(type);
    value_place_ = Wide(positions).matmul(p.value.transpose(1, 2)).to(type);
  }
  value_bias_ = p.value_bias.unsqueeze(1).to(type);
  out_ = p.out.reshape({p.channels, p.channels}).t().contiguous().to(type);
  out_bias_ = p.out_bias.to(type);
}

torch::Tensor FewQueries::operator()(const torch::Tensor& q, const torch::Tensor& x) const {
  const int64_t batch = q.size(0);
  const auto queries = ByHead(torch::linear(q, query_, query_bias_), heads_);  // [h, B K, d]
  auto scores = BySample(queries.bmm(key_), batch).bmm(x.transpose(1, 2));     // [B, h K, N]
  if (key_place_.defined()) {
    scores = scores + BySample(queries.bmm(key_place_), batch);
  }
  const auto weight = torch::softmax(scores, -1);
  auto mixed = torch::baddbmm(value_bias_, FromSamples(weight.bmm(x), heads_),
                              value_.transpose(1, 2));  // [h, B K, d]
  if (value_place_.defined()) {
    mixed = mixed + FromSamples(weight, heads_).bmm(value_place_);
  }
  return torch::linear(FromHeads(mixed, batch), out_, out_bias_);
}

}  // namespace lingula
