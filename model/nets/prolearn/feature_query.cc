#include "model/nets/prolearn/feature_query.h"

#include "model/nets/prolearn/sample_by_sample.h"

namespace lingula {
namespace {

LocationOptions GathererOptions(const FeatureQueryOptions& o, const std::array<int64_t, 4>& widths,
                                int64_t side) {
  LocationOptions sizes;
  sizes.widths = widths;
  sizes.side = side;
  sizes.dim = o.dim;
  sizes.heads = o.heads;
  sizes.layers = o.layers;
  sizes.queries = o.queries;
  return sizes;
}

}  // namespace

FeatureQueryImpl::FeatureQueryImpl(const FeatureQueryOptions& o,
                                   const std::array<int64_t, 4>& widths, int64_t side,
                                   int64_t query_dim)
    : FeatureGathererImpl(GathererOptions(o, widths, side)),
      proj_(register_module(
          "proj",
          torch::nn::Linear(torch::nn::LinearOptions(o.queries * o.dim, query_dim).bias(false)))) {}

FeatureQueryImpl::Answer FeatureQueryImpl::forward(const Features& features) {
  const auto tokens = Refine(features);
  const auto gathered = Gather(tokens).flatten(1);
  if (!folded_) {
    return {proj_(gathered), tokens};
  }
  const auto one = [&](int64_t i) { return proj_(gathered.narrow(0, i, 1)); };
  return {SampleBySample(gathered.size(0), one), tokens};
}

void FeatureQueryImpl::Fold(torch::ScalarType type) {
  FeatureGathererImpl::Fold(type);
  folded_ = true;
}

}  // namespace lingula
