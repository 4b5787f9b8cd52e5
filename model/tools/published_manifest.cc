// Manifests of the published networks: docs/models.md, "Published sizes".
#include "model/tools/import.h"

namespace lingula {
namespace {

using bundle::v1::Manifest;

template <typename Spec>
void SetTrunk(Spec& spec) {
  for (const int depth : {3, 3, 9, 3}) {
    spec.mutable_convnext()->add_depths(depth);
  }
  for (const int width : {96, 192, 384, 768}) {
    spec.mutable_convnext()->add_widths(width);
  }
  for (const int width : {768, 384, 192, 96}) {
    spec.add_decoder_widths(width);
  }
  spec.set_cross_heads(4);
  spec.set_head_channels(24);
}

void SetRtDetr(bundle::v1::RtDetr& rtdetr) {
  rtdetr.set_backbone_width(1);
  rtdetr.set_hidden(256);
  rtdetr.set_queries(300);
  rtdetr.set_layers(6);
  rtdetr.set_heads(8);
  rtdetr.set_points(4);
  rtdetr.set_feed_forward(1024);
  rtdetr.set_classes(80);
}

void SetBert(bundle::v1::BertSpec& bert) {
  bert.set_vocabulary(30522);
  bert.set_positions(512);
  bert.set_hidden(768);
  bert.set_heads(12);
  bert.set_layers(12);
  bert.set_feed_forward(3072);
}

void SetSgseg(bundle::v1::SgsegSpec& sgseg, bool detects) {
  SetTrunk(sgseg);
  for (const int tokens : {24, 12, 9}) {
    sgseg.add_guide_text_tokens(tokens);
  }
  sgseg.set_report_tokens(24);
  sgseg.set_report_dim(768);
  if (detects) {
    SetRtDetr(*sgseg.mutable_rtdetr());
  }
  SetBert(*sgseg.mutable_text_encoder());
}

void SetProlearn(bundle::v1::ProlearnSpec& prolearn) {
  SetTrunk(prolearn);
  bundle::v1::VisionTransformer& vit = *prolearn.mutable_vit();
  vit.set_patch(16);
  vit.set_dim(768);
  vit.set_depth(12);
  vit.set_heads(12);
  vit.set_feed_forward(3072);
  prolearn.set_labels(6);
  prolearn.set_prototypes(16);
  prolearn.set_query_dim(512);
  prolearn.set_response_dim(512);
  prolearn.set_top_k(3);
  prolearn.set_similarity(bundle::v1::SIMILARITY_COSINE);
  prolearn.set_response(bundle::v1::RESPONSE_TOKENS);
}

}  // namespace

Manifest PublishedManifest(bundle::v1::Family family) {
  Manifest manifest;
  manifest.set_family(family);
  manifest.set_version("1");
  manifest.set_modality(bundle::v1::MODALITY_CHEST_XRAY);
  manifest.mutable_input()->set_side_px(224);
  manifest.mutable_input()->set_channels(1);
  manifest.mutable_input()->set_transpose(true);
  manifest.set_threshold(0.5F);
  manifest.set_low_confidence_below(0.7F);
  manifest.mutable_golden()->set_mean_abs(0.0005F);
  manifest.mutable_golden()->set_zone_abs(0.002F);
  manifest.mutable_golden()->set_bf16_mean_abs(0.03F);
  manifest.mutable_golden()->set_bf16_zone_abs(0.1F);
  if (family == bundle::v1::FAMILY_PROLEARN) {
    SetProlearn(*manifest.mutable_prolearn());
  } else {
    SetSgseg(*manifest.mutable_sgseg(), family == bundle::v1::FAMILY_SGSEG);
  }
  return manifest;
}

}  // namespace lingula
