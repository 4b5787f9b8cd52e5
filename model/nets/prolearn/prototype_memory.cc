#include "model/nets/prolearn/prototype_memory.h"

#include <tuple>

#include "model/nets/prolearn/sample_by_sample.h"

namespace lingula {
namespace {

constexpr double kSmall = 1e-8;  // keeps a zero vector from dividing by zero

torch::Tensor Unit(const torch::Tensor& rows) {
  return rows / (rows.norm(2, -1, true) + kSmall);
}

}  // namespace

PrototypeMemoryImpl::PrototypeMemoryImpl(const PrototypeMemoryOptions& o) : options_(o) {
  TORCH_CHECK(o.top_k >= 1 && o.top_k <= o.labels * o.prototypes, "the ", o.top_k, " nearest of ",
              o.labels * o.prototypes, " prototypes");
  matrix_ = register_parameter(
      "matrix", torch::randn({o.labels, o.prototypes, o.query_dim + o.response_dim}));
}

torch::Tensor PrototypeMemoryImpl::Scores(const torch::Tensor& embedding) const {
  const bool cosine = options_.similarity == Similarity::kCosine;
  if (!cosine) {
    const auto keys =
        keys_.defined() ? keys_ : matrix_.flatten(0, 1).narrow(1, 0, options_.query_dim);
    // Written out: |q|^2 - 2 q p + |p|^2 would cancel digits.
    return -(embedding.unsqueeze(1) - keys).norm(2, -1);
  }
  const auto query = Unit(embedding);
  if (!keys_.defined()) {
    return query.matmul(Unit(matrix_.flatten(0, 1).narrow(1, 0, options_.query_dim)).t());
  }
  return SampleBySample(query.size(0), [&](int64_t i) { return keys_.mv(query[i]).unsqueeze(0); });
}

Retrieval PrototypeMemoryImpl::forward(const torch::Tensor& embedding) {
  return Ranked(Scores(embedding.to(torch::kFloat32)), 0);
}

Retrieval PrototypeMemoryImpl::Next(const Retrieval& first, const torch::Tensor& places) {
  return Ranked(first.scores.index_select(0, places), options_.top_k);
}

Retrieval PrototypeMemoryImpl::Ranked(const torch::Tensor& scores, int64_t from) {
  const auto texts =
      keys_.defined() ? texts_
                      : matrix_.flatten(0, 1).narrow(1, options_.query_dim, options_.response_dim);
  Retrieval r;
  r.scores = scores;
  const auto [sorted, order] = torch::sort(r.scores, /*stable=*/true, /*dim=*/-1,
                                           /*descending=*/true);
  r.values = sorted.narrow(1, from, options_.top_k);
  r.rows = order.narrow(1, from, options_.top_k);
  r.response = texts.index_select(0, r.rows.flatten()).view({r.rows.size(0), options_.top_k, -1});
  if (options_.response == Response::kWeightedSum) {
    const auto weight = torch::softmax(r.values, -1).unsqueeze(2);
    r.response = (weight * r.response).sum(1, true).expand_as(r.response);
  }
  return r;
}

void PrototypeMemoryImpl::Fold() {
  torch::NoGradGuard no_grad;
  const auto rows = matrix_.detach().flatten(0, 1);
  keys_ = rows.narrow(1, 0, options_.query_dim).clone();
  if (options_.similarity == Similarity::kCosine) {
    keys_ = Unit(keys_);
  }
  texts_ = rows.narrow(1, options_.query_dim, options_.response_dim).clone();
  matrix_.set_data(torch::empty({0}));
}

}  // namespace lingula
