// Sizes of every family: what is right, what is refused and with which words.
#include <functional>

#include <gmock/gmock.h>

#include "model/bundle/bundle.h"
#include "tests/model/bundle/bundle_files.h"

namespace lingula {
namespace {

using bundle::v1::Manifest;
using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

absl::Status Check(const Manifest& manifest) {
  return ParseManifest(manifest.DebugString(), "m", ManifestKind::kRecipe).status();
}

Manifest Detecting() {
  Manifest manifest = test::SmallManifest();
  bundle::v1::RtDetr& rtdetr = *manifest.mutable_sgseg()->mutable_rtdetr();
  rtdetr.set_backbone_width(0.25F);
  rtdetr.set_hidden(32);
  rtdetr.set_queries(21);  // 16 + 4 + 1: all that 32 pixels have
  rtdetr.set_layers(2);
  rtdetr.set_heads(4);
  rtdetr.set_points(4);
  rtdetr.set_feed_forward(64);
  rtdetr.set_classes(8);
  return manifest;
}

Manifest Told() {
  Manifest manifest = test::SmallManifest();
  manifest.set_family(bundle::v1::FAMILY_LANGUIDE);
  manifest.mutable_sgseg()->clear_locator();
  bundle::v1::BertSpec& bert = *manifest.mutable_sgseg()->mutable_text_encoder();
  bert.set_vocabulary(100);
  bert.set_positions(24);
  bert.set_hidden(2);
  bert.set_heads(1);
  bert.set_layers(1);
  bert.set_feed_forward(4);
  return manifest;
}

Manifest Recalling() {
  Manifest manifest = test::SmallManifest();
  manifest.set_family(bundle::v1::FAMILY_PROLEARN);
  const bundle::v1::SgsegSpec sgseg = manifest.sgseg();
  bundle::v1::ProlearnSpec& prolearn = *manifest.mutable_prolearn();
  *prolearn.mutable_mobilenet_v2() = sgseg.mobilenet_v2();
  *prolearn.mutable_decoder_widths() = sgseg.decoder_widths();
  prolearn.set_cross_heads(4);
  prolearn.set_head_channels(4);
  bundle::v1::VisionTransformer& vit = *prolearn.mutable_vit();
  vit.set_patch(16);
  vit.set_dim(32);
  vit.set_depth(2);
  vit.set_heads(4);
  vit.set_feed_forward(64);
  prolearn.set_labels(2);
  prolearn.set_prototypes(2);
  prolearn.set_query_dim(16);
  prolearn.set_response_dim(16);
  prolearn.set_top_k(3);
  prolearn.set_similarity(bundle::v1::SIMILARITY_COSINE);
  prolearn.set_response(bundle::v1::RESPONSE_WEIGHTED_SUM);
  manifest.mutable_golden()->clear_zone_abs();
  manifest.mutable_golden()->clear_bf16_zone_abs();
  return manifest;
}

TEST(ManifestNetworkTest, EveryFamilyHasItsFiles) {
  EXPECT_THAT(Check(Detecting()), IsOk());
  EXPECT_THAT(Check(Told()), IsOk());
  EXPECT_THAT(Check(Recalling()), IsOk());
  EXPECT_THAT(FilesOf(Detecting()),
              UnorderedElementsAre(kWeightsFile, kGoldenFile, kCardFile, kReportsFile));
  EXPECT_THAT(FilesOf(Told()),
              UnorderedElementsAre(kWeightsFile, kGoldenFile, kCardFile, kReportsFile,
                                   kTextEncoderFile, kVocabularyFile));
  EXPECT_THAT(FilesOf(Recalling()),
              UnorderedElementsAre(kWeightsFile, kGoldenFile, kCardFile, kPrototypesFile));
}

TEST(ManifestNetworkTest, LowPrecisionHasToBeEarned) {
  Manifest manifest = test::SmallManifest();
  manifest.set_arithmetic(bundle::v1::ARITHMETIC_BFLOAT16);
  EXPECT_THAT(Check(manifest), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("needs bf16_dice of at least 0.995, got 0")));
  manifest.set_bf16_dice(0.996F);
  EXPECT_THAT(Check(manifest), IsOk());
  manifest.set_arithmetic(bundle::v1::ARITHMETIC_FLOAT16);
  EXPECT_THAT(Check(manifest),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("fp16_dice")));
  manifest.set_fp16_dice(1.5F);
  EXPECT_THAT(Check(manifest), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("fp16_dice: must be in [0, 1]")));
}

struct Case {
  const char* name;
  Manifest (*good)();
  std::function<void(Manifest&)> spoil;
  const char* reason;
};
class BadNetworkTest : public testing::TestWithParam<Case> {};

TEST_P(BadNetworkTest, IsRefused) {
  Manifest manifest = GetParam().good();
  GetParam().spoil(manifest);
  EXPECT_THAT(Check(manifest),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().reason)));
}

INSTANTIATE_TEST_SUITE_P(
    Manifests, BadNetworkTest,
    testing::Values(
        Case{"no_locator", Detecting, [](Manifest& m) { m.mutable_sgseg()->clear_locator(); },
             "sgseg: needs a locator"},
        Case{"queries", Detecting,
             [](Manifest& m) { m.mutable_sgseg()->mutable_rtdetr()->set_queries(22); },
             "sgseg.rtdetr.queries: must be in [1, 21], got 22"},
        Case{"locator", Told,
             [](Manifest& m) { m.mutable_sgseg()->mutable_location()->set_dim(8); },
             "must have no locator in family languide"},
        Case{"tower_width", Told,
             [](Manifest& m) { m.mutable_sgseg()->mutable_text_encoder()->set_hidden(3); },
             "must equal sgseg.report_dim 2, got 3"},
        Case{"other_network", Recalling, [](Manifest& m) { m.mutable_sgseg()->set_cross_heads(4); },
             "prolearn: is missing"},
        Case{"no_query", Recalling, [](Manifest& m) { m.mutable_prolearn()->clear_vit(); },
             "needs a query encoder"},
        Case{"own_heads", Recalling,
             [](Manifest& m) {
               auto& own = *m.mutable_prolearn()->mutable_own();
               own.set_dim(6);
               own.set_heads(4);
               own.set_queries(1);
             },
             "prolearn.own.heads: must divide dim 6, got 4"},
        Case{"own_queries", Recalling,
             [](Manifest& m) {
               auto& own = *m.mutable_prolearn()->mutable_own();
               own.set_dim(8);
               own.set_heads(4);
             },
             "prolearn.own.queries: must be in [1, 64], got 0"},
        Case{"patch", Recalling,
             [](Manifest& m) { m.mutable_prolearn()->mutable_vit()->set_patch(5); },
             "prolearn.vit.patch: must divide input.side_px 32, got 5"},
        Case{"top_k", Recalling, [](Manifest& m) { m.mutable_prolearn()->set_top_k(5); },
             "prolearn.top_k: must be in [1, 4], got 5"},
        Case{"similarity", Recalling, [](Manifest& m) { m.mutable_prolearn()->clear_similarity(); },
             "must be SIMILARITY_COSINE or SIMILARITY_EUCLIDEAN"},
        Case{"response", Recalling, [](Manifest& m) { m.mutable_prolearn()->clear_response(); },
             "must be RESPONSE_TOKENS or RESPONSE_WEIGHTED_SUM"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace lingula
