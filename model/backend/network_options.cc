#include "model/backend/network_options.h"

#include "absl/strings/str_cat.h"

#include <algorithm>

namespace lingula {
namespace {

template <typename Spec>
EncoderOptions EncoderFrom(const Spec& spec) {
  if (!spec.has_convnext()) {
    MobileNetV2Options mobilenet;
    mobilenet.width = spec.mobilenet_v2().width();
    return mobilenet;
  }
  ConvNextOptions convnext;
  std::copy_n(spec.convnext().depths().begin(), 4, convnext.depths.begin());
  std::copy_n(spec.convnext().widths().begin(), 4, convnext.widths.begin());
  return convnext;
}

// Sizes that all networks have.
template <typename Spec, typename Options>
void SetTrunk(const Spec& spec, Options& o) {
  o.encoder = EncoderFrom(spec);
  std::copy_n(spec.decoder_widths().begin(), 4, o.decoder_widths.begin());
  o.cross_heads = spec.cross_heads();
  o.head_channels = spec.head_channels();
}

// What gathers a few vectors from the encoder's features, for zones or for a query.
template <typename Options, typename Spec>
Options GathererFrom(const Spec& spec) {
  Options o;
  o.dim = spec.dim();
  o.heads = spec.heads();
  o.layers = spec.layers();
  o.queries = spec.queries();
  return o;
}

RtDetrOptions RtDetrFrom(const bundle::v1::RtDetr& spec) {
  RtDetrOptions o;
  o.backbone_width = spec.backbone_width();
  o.hidden = spec.hidden();
  o.queries = spec.queries();
  o.layers = spec.layers();
  o.heads = spec.heads();
  o.points = spec.points();
  o.feed_forward = spec.feed_forward();
  o.classes = spec.classes();
  return o;
}

VitOptions VitFrom(const bundle::v1::VisionTransformer& spec, int64_t side) {
  VitOptions o;
  o.side = side;
  o.patch = spec.patch();
  o.dim = spec.dim();
  o.depth = spec.depth();
  o.heads = spec.heads();
  o.mlp = spec.feed_forward();
  return o;
}

}  // namespace

SgsegOptions SgsegOptionsFrom(const bundle::v1::Manifest& manifest) {
  const bundle::v1::SgsegSpec& spec = manifest.sgseg();
  SgsegOptions o;
  o.side = manifest.input().side_px();
  SetTrunk(spec, o);
  std::copy_n(spec.guide_text_tokens().begin(), 3, o.text_tokens.begin());
  o.report_tokens = spec.report_tokens();
  o.report_dim = spec.report_dim();
  if (spec.has_location()) {
    o.locator = GathererFrom<LocationOptions>(spec.location());
  } else if (spec.has_rtdetr()) {
    o.locator = RtDetrFrom(spec.rtdetr());
  }
  return o;
}

ProlearnOptions ProlearnOptionsFrom(const bundle::v1::Manifest& manifest) {
  const bundle::v1::ProlearnSpec& spec = manifest.prolearn();
  ProlearnOptions o;
  o.side = manifest.input().side_px();
  SetTrunk(spec, o);
  if (spec.has_own()) {
    o.query = GathererFrom<FeatureQueryOptions>(spec.own());
  } else {
    o.query = VitFrom(spec.vit(), o.side);
  }
  o.labels = spec.labels();
  o.prototypes = spec.prototypes();
  o.query_dim = spec.query_dim();
  o.response_dim = spec.response_dim();
  o.top_k = spec.top_k();
  o.similarity = spec.similarity() == bundle::v1::SIMILARITY_EUCLIDEAN ? Similarity::kEuclidean
                                                                       : Similarity::kCosine;
  o.response = spec.response() == bundle::v1::RESPONSE_WEIGHTED_SUM ? Response::kWeightedSum
                                                                    : Response::kTokens;
  return o;
}

BertOptions BertOptionsFrom(const bundle::v1::BertSpec& spec) {
  BertOptions o;
  o.vocabulary = spec.vocabulary();
  o.positions = spec.positions();
  o.hidden = spec.hidden();
  o.heads = spec.heads();
  o.layers = spec.layers();
  o.feed_forward = spec.feed_forward();
  return o;
}

FoldTypes FoldTypesFor(const bundle::v1::Manifest& manifest, torch::ScalarType type) {
  return manifest.float32_encoder() ? FoldTypes(torch::kFloat32, type) : FoldTypes(type);
}

std::string FoldTypesText(const bundle::v1::Manifest& manifest, torch::ScalarType type) {
  if (type == torch::kFloat32) {
    return "float32";
  }
  return absl::StrCat(type == torch::kBFloat16 ? "bfloat16" : "float16",
                      manifest.float32_encoder() ? ", encoder float32" : "");
}

}  // namespace lingula
