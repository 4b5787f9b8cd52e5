// From encoder features to a few vectors that say what is where: tokens, transformer layers and the
// location-based attention aggregator of SGSeg; on top of them the probability of each lung zone.
#pragma once

#include <vector>

#include "model/nets/attention.h"
#include "model/nets/vision_encoder.h"

namespace lingula {

struct LocationOptions {
  std::array<int64_t, 4> widths{};  // of the encoder
  int64_t side = 14;                // tokens: side * side, at stride 16
  int64_t dim = 128;
  int64_t heads = 4;
  int64_t layers = 1;
  int64_t queries = 6;  // 1: shared by all zones, as published; 6: one a zone
};

// w = softmax(X q) over the tokens, A = sum w_i X_i (SGSeg, "location-based attention aggregator").
// Parameter query [dim], or [queries, dim] where there are several.
class LocationAggregatorImpl : public torch::nn::Module {
 public:
  LocationAggregatorImpl(int64_t dim, int64_t queries);
  // x [B, N, dim]. Returns [B, queries, dim].
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::Tensor query_;
};
TORCH_MODULE(LocationAggregator);

// A post-norm transformer layer (query and key carry the positions, the value does not).
class TokenLayerImpl : public torch::nn::Module {
 public:
  TokenLayerImpl(int64_t dim, int64_t heads);
  // x [B, N, dim], position [1, N, dim].
  torch::Tensor forward(torch::Tensor x, const torch::Tensor& position);
  // Prepares for inference in `type`. Cannot be undone.
  void Fold(torch::ScalarType type);

 private:
  Attention ma_;
  LinearUnit fc1_, fc2_;
  torch::nn::LayerNorm norm1_, norm2_;
};
TORCH_MODULE(TokenLayer);

// Encoder features of three scales summed at stride 16, transformer layers over them, and the
// aggregator: what an image's zones and its query are read from. Base of LocationTrunk and
// FeatureQuery.
class FeatureGathererImpl : public torch::nn::Module {
 public:
  // Prepares for inference in `type`; the owner converts the rest. Cannot be undone.
  virtual void Fold(torch::ScalarType type);

 protected:
  explicit FeatureGathererImpl(const LocationOptions& options);
  // Tokens [B, side * side, dim].
  torch::Tensor Refine(const Features& features);
  // Of these tokens one vector a query: [B, queries, dim].
  torch::Tensor Gather(const torch::Tensor& tokens);

 private:
  torch::nn::Conv2d fine_, middle_, deep_;
  std::vector<TokenLayer> layers_;
  torch::Tensor position_;
  LocationAggregator agg_;
};

// The compact trunk, which stands where the published network has RT-DETR.
class LocationTrunkImpl : public FeatureGathererImpl {
 public:
  explicit LocationTrunkImpl(const LocationOptions& options);

  struct Answer {
    torch::Tensor zones;   // logits [B, 6]
    torch::Tensor coarse;  // logits of a coarse mask [B, 1, side, side], for training
  };
  Answer forward(const Features& features);

 private:
  torch::nn::Conv2d coarse_;
  torch::nn::Linear fc_;
};
TORCH_MODULE(LocationTrunk);

}  // namespace lingula
