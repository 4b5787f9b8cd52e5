#include "model/nets/location.h"

#include "model/base/zones.h"
#include "model/nets/sinusoid.h"

namespace lingula {
namespace {

torch::nn::Conv2d Pointwise(int64_t in, int64_t out) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 1));
}

// Half of the channels encode the row, half the column: [1, side * side, dim].
torch::Tensor GridPosition(int64_t side, int64_t dim) {
  const auto line = Sinusoid(side, dim / 2).squeeze(0);  // [side, dim / 2]
  const auto rows = line.unsqueeze(1).expand({side, side, dim / 2});
  const auto columns = line.unsqueeze(0).expand({side, side, dim / 2});
  return torch::cat({rows, columns}, 2).reshape({1, side * side, dim}).contiguous();
}

}  // namespace

LocationAggregatorImpl::LocationAggregatorImpl(int64_t dim, int64_t queries)
    : query_(register_parameter(
          "query", queries == 1 ? torch::randn({dim}) : torch::randn({queries, dim}) * 0.1)) {}

torch::Tensor LocationAggregatorImpl::forward(const torch::Tensor& x) {
  const auto weight = torch::softmax(torch::matmul(x, query_.view({-1, x.size(2)}).t()), 1);
  return torch::matmul(weight.transpose(1, 2), x);  // weight [B, N, queries]
}

TokenLayerImpl::TokenLayerImpl(int64_t dim, int64_t heads)
    : ma_(register_module("ma", Attention(dim, heads))),
      fc1_(register_module("fc1", LinearUnit(dim, 4 * dim, Activation::kGelu))),
      fc2_(register_module("fc2", LinearUnit(4 * dim, dim))),
      norm1_(register_module("norm1", torch::nn::LayerNorm(torch::nn::LayerNormOptions({dim})))),
      norm2_(register_module("norm2", torch::nn::LayerNorm(torch::nn::LayerNormOptions({dim})))) {}

torch::Tensor TokenLayerImpl::forward(torch::Tensor x, const torch::Tensor& position) {
  const auto placed = x + position.to(x.scalar_type());
  x = norm1_(x + ma_(placed, placed, x));
  return norm2_(fc2_->AddTo(fc1_(x), x));
}

void TokenLayerImpl::Fold(torch::ScalarType type) {
  ma_->Fold(type);
  fc1_->Fold(type);
  fc2_->Fold(type);
}

FeatureGathererImpl::FeatureGathererImpl(const LocationOptions& o)
    : fine_(register_module("fine", Pointwise(o.widths[1], o.dim))),
      middle_(register_module("middle", Pointwise(o.widths[2], o.dim))),
      deep_(register_module("deep", Pointwise(o.widths[3], o.dim))),
      position_(GridPosition(o.side, o.dim)),
      agg_(register_module("agg", LocationAggregator(o.dim, o.queries))) {
  auto layers = register_module("layers", torch::nn::ModuleList());
  for (int64_t i = 0; i < o.layers; ++i) {
    layers_.emplace_back(o.dim, o.heads);
    layers->push_back(layers_.back());
  }
}

torch::Tensor FeatureGathererImpl::Refine(const Features& f) {
  const auto fine = fine_(torch::avg_pool2d(f[1], 2));  // stride 8 -> 16
  const auto deep = torch::upsample_nearest2d(deep_(f[3]), f[2].sizes().slice(2));
  const auto map = middle_(f[2]) + fine + deep;  // [B, dim, side, side]
  auto tokens = map.flatten(2).transpose(1, 2);  // [B, side * side, dim]
  for (auto& layer : layers_) {
    tokens = layer(tokens, position_);
  }
  return tokens;
}

torch::Tensor FeatureGathererImpl::Gather(const torch::Tensor& tokens) {
  return agg_(tokens + position_.to(tokens.scalar_type()));
}

void FeatureGathererImpl::Fold(torch::ScalarType type) {
  position_ = position_.to(deep_->weight.device());
  for (auto& layer : layers_) {
    layer->Fold(type);
  }
}

LocationTrunkImpl::LocationTrunkImpl(const LocationOptions& o)
    : FeatureGathererImpl(o),
      coarse_(register_module("coarse", Pointwise(o.dim, 1))),
      fc_(register_module("fc", torch::nn::Linear(o.dim, kZones))) {}

LocationTrunkImpl::Answer LocationTrunkImpl::forward(const Features& f) {
  const auto tokens = Refine(f);
  const int64_t rows = f[2].size(2), columns = f[2].size(3);
  const auto refined =
      tokens.transpose(1, 2).reshape({tokens.size(0), tokens.size(2), rows, columns});
  // One vector for all zones (broadcast) or one a zone: row z of fc reads the vector of zone z.
  return {(Gather(tokens) * fc_->weight).sum(2) + fc_->bias, coarse_(refined)};
}

}  // namespace lingula
