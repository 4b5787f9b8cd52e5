// The published detector of SGSeg: an RT-DETR-L trunk (Zhao et al. 2024) whose last query features,
// gathered by the location-based attention aggregator, give the six zones (docs/models.md). Boxes
// and classes only steer where the queries look; none is returned.
#pragma once

#include <cstdint>

#include "model/nets/location.h"
#include "model/nets/rtdetr/hgnet.h"
#include "model/nets/rtdetr/hybrid_encoder.h"
#include "model/nets/rtdetr/query_decoder.h"

namespace lingula {

struct RtDetrOptions {          // published sizes
  double backbone_width = 1.0;  // multiplies the channels of HGNetV2-L; results are multiples of 8
  int64_t hidden = 256;         // a multiple of 4 and of `heads`
  int64_t queries = 300;
  int64_t layers = 6;  // of the query decoder
  int64_t heads = 8;
  int64_t points = 4;           // that a head looks at, on each of the three maps
  int64_t feed_forward = 1024;  // of the query decoder; the encoder's is 4 * hidden
  int64_t classes = 80;         // whose best score chooses the queries
};

// State dict: model.{backbone,encoder,rtdetr_decoder}.*, agg.query, fc.*, named as published but
// for what the reference never computes: dec_score_head, denoising_class_embed and the last
// dec_bbox_head.
class RtDetrDetectorImpl : public torch::nn::Module {
 public:
  explicit RtDetrDetectorImpl(const RtDetrOptions& options);

  // image [B, 3, S, S], normalised; S a multiple of 32 whose maps at strides 8, 16 and 32 have at
  // least `queries` pixels together (published: S >= 128), else throws c10::Error. After Fold the
  // image is of that type and, with `grey`, [B, 1, S, S]. Returns zone logits [B, 6]
  // (base/zones.h).
  torch::Tensor forward(const torch::Tensor& image);

  // The stages of forward, in order.
  HgNetMaps Trunk(const torch::Tensor& image);
  EncodedMaps Encode(const HgNetMaps& maps) { return encoder_(maps); }
  QueryAnswer Query(const EncodedMaps& maps) { return decoder_(maps); }
  torch::Tensor Aggregate(const QueryAnswer& answer);       // [B, hidden]
  torch::Tensor Classify(const torch::Tensor& aggregated);  // [B, 6]

  // Prepares for inference in `type`: folds normalisations, merges the branches of each RepConv,
  // packs convolutions, converts the rest. Cannot be undone, and the state dict changes.
  void Fold(torch::ScalarType type, bool grey);

 private:
  torch::nn::Sequential model_;  // carries names only
  HgNet backbone_;
  HybridEncoder encoder_;
  QueryDecoder decoder_;
  LocationAggregator agg_;
  torch::nn::Linear fc_;
};
TORCH_MODULE(RtDetrDetector);

}  // namespace lingula
