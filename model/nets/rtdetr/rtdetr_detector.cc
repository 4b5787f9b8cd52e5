#include "model/nets/rtdetr/rtdetr_detector.h"

#include "model/base/zones.h"

namespace lingula {

RtDetrDetectorImpl::RtDetrDetectorImpl(const RtDetrOptions& o)
    : model_(register_module("model", torch::nn::Sequential())),
      backbone_(model_->register_module("backbone", HgNet(HgNetWidths(o.backbone_width)))),
      encoder_(model_->register_module(
          "encoder", HybridEncoder(HgNetWidths(o.backbone_width), o.hidden, o.heads))),
      decoder_(model_->register_module(
          "rtdetr_decoder",
          QueryDecoder(QueryDecoderOptions{o.hidden, o.queries, o.layers, o.heads, o.points,
                                           o.feed_forward, o.classes}))),
      agg_(register_module("agg", LocationAggregator(o.hidden, 1))),
      fc_(register_module("fc", torch::nn::Linear(o.hidden, kZones))) {}

torch::Tensor RtDetrDetectorImpl::forward(const torch::Tensor& image) {
  return Classify(Aggregate(Query(Encode(Trunk(image)))));
}

HgNetMaps RtDetrDetectorImpl::Trunk(const torch::Tensor& image) {
  TORCH_CHECK(
      image.dim() == 4 && image.size(2) % 32 == 0 && image.size(3) % 32 == 0,
      "The detector takes images [B, channels, S, S] with S a multiple of 32, but was given ",
      image.sizes(), ".");
  return backbone_(image);
}

torch::Tensor RtDetrDetectorImpl::Aggregate(const QueryAnswer& answer) {
  return agg_(answer.layers.back()).squeeze(1);
}

torch::Tensor RtDetrDetectorImpl::Classify(const torch::Tensor& aggregated) {
  return fc_(aggregated);
}

void RtDetrDetectorImpl::Fold(torch::ScalarType type, bool grey) {
  eval();
  backbone_->Fold(type, grey);
  encoder_->Fold(type);
  decoder_->Fold(type);
  to(type);
  for (auto& parameter : parameters()) {
    parameter.requires_grad_(false);
  }
}

}  // namespace lingula
