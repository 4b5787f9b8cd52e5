// The query of an image from the features of the segmentation encoder (ProLearn, "Prototype-driven
// Semantic Approximation": the paper's form; the published code has a second, frozen tower).
#pragma once

#include "model/nets/location.h"

namespace lingula {

struct FeatureQueryOptions {
  int64_t dim = 128;  // of the tokens
  int64_t heads = 4;
  int64_t layers = 1;
  int64_t queries = 6;  // vectors gathered from the tokens
};

// State dict: that of LocationTrunk without its outputs, and proj.weight.
class FeatureQueryImpl : public FeatureGathererImpl {
 public:
  // Of features of these widths, whose third map has `side` x `side` pixels, to `query_dim` values.
  FeatureQueryImpl(const FeatureQueryOptions& options, const std::array<int64_t, 4>& widths,
                   int64_t side, int64_t query_dim);
  struct Answer {
    torch::Tensor query;   // [B, query_dim], not normalised
    torch::Tensor tokens;  // what it was gathered from [B, side * side, dim], for training
  };
  Answer forward(const Features& features);
  void Fold(torch::ScalarType type) override;

 private:
  torch::nn::Linear proj_;
  bool folded_ = false;
};
TORCH_MODULE(FeatureQuery);

}  // namespace lingula
