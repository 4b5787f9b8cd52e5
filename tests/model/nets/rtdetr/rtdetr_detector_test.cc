#include "model/nets/rtdetr/rtdetr_detector.h"

#include <gmock/gmock.h>

#include "model/base/zones.h"
#include "model/parity/formula_fill.h"

namespace lingula {
namespace {

RtDetrOptions SmallOptions() {
  RtDetrOptions options;
  options.backbone_width = 0.125;
  options.hidden = 32;
  options.queries = 20;
  options.layers = 2;
  options.heads = 4;
  options.points = 2;
  options.feed_forward = 48;
  options.classes = 5;
  return options;
}

RtDetrDetector SmallDetector() {
  RtDetrDetector detector(SmallOptions());
  Formula().Fill(*detector, "model.detector.");
  return detector;
}

torch::Tensor GreyImages(int64_t batch, int64_t side) {
  return Formula().Make("input.image", {batch, 1, side, side});
}

torch::Tensor Repeated(const torch::Tensor& grey) {
  return grey.expand({-1, 3, -1, -1});
}

double Difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a.to(torch::kFloat32) - b.to(torch::kFloat32)).abs().max().item<double>();
}

class RtDetrDetectorTest : public testing::Test {
 protected:
  torch::NoGradGuard no_grad_;
};

TEST_F(RtDetrDetectorTest, PublishedNumbersOfParameters) {
  const RtDetrDetector detector{RtDetrOptions()};
  std::map<std::string, int64_t> counts;
  for (const auto& parameter : detector->named_parameters()) {
    const std::string& name = parameter.key();
    const size_t part = name.rfind("model.", 0) == 0 ? name.find('.', 6) : name.find('.');
    counts[name.substr(0, part)] += parameter.value().numel();
  }
  EXPECT_THAT(counts, testing::ElementsAre(
                          testing::Pair("agg", 256), testing::Pair("fc", 6 * 257),
                          testing::Pair("model.backbone", 13'553'376),
                          testing::Pair("model.encoder", 11'950'848),
                          // Published 7,466,252, less what is never computed.
                          testing::Pair("model.rtdetr_decoder", 7'466'252 - 143'840 - 132'612)));
}

TEST_F(RtDetrDetectorTest, PublishedNames) {
  const RtDetrDetector detector{RtDetrOptions()};
  const auto parameters = detector->named_parameters();
  const auto buffers = detector->named_buffers();
  EXPECT_EQ(parameters.size() + buffers.size(), 925);
  const auto expect = [&](const std::string& name, torch::IntArrayRef shape) {
    const auto* found = parameters.find(name) ? parameters.find(name) : buffers.find(name);
    ASSERT_NE(found, nullptr) << name;
    EXPECT_EQ(found->sizes(), shape) << name;
  };
  expect("model.backbone.hgstem.stem2a.conv.weight", {16, 32, 2, 2});
  expect("model.backbone.hgblock_1.m.0.conv.weight", {48, 48, 3, 3});
  expect("model.backbone.hgblock_3.m.0.conv2.conv.weight", {192, 1, 5, 5});
  expect("model.backbone.hgblock_6.ec.bn.running_var", {2048});
  expect("model.backbone.dwconv_3.bn.bias", {1024});
  expect("model.encoder.aifi.ma.in_proj_weight", {768, 256});
  expect("model.encoder.ccfm.fusion_1.conv_reduce.conv.weight", {256, 1024, 1, 1});
  expect("model.encoder.ccfm.fusion_2.repc.m.2.conv2.bn.num_batches_tracked", {});
  expect("model.encoder.ccfm.fusion_4.conv.conv.weight", {256, 256, 3, 3});
  expect("model.rtdetr_decoder.input_proj.2.0.weight", {256, 256, 1, 1});
  expect("model.rtdetr_decoder.decoder.layers.5.cross_attn.sampling_offsets.weight", {192, 256});
  expect("model.rtdetr_decoder.query_pos_head.layers.0.weight", {512, 4});
  expect("model.rtdetr_decoder.enc_output.1.weight", {256});
  expect("model.rtdetr_decoder.enc_score_head.weight", {80, 256});
  expect("model.rtdetr_decoder.dec_bbox_head.4.layers.2.weight", {4, 256});
  expect("agg.query", {256});
}

TEST_F(RtDetrDetectorTest, FoldedGivesTheSame) {
  auto plain = SmallDetector(), folded = SmallDetector();
  folded->Fold(torch::kFloat32, true);
  const auto grey = GreyImages(2, 96);
  const HgNetMaps a = plain->Trunk(Repeated(grey)), b = folded->Trunk(grey);
  const EncodedMaps c = plain->Encode(a), d = folded->Encode(b);
  const std::pair<torch::Tensor, torch::Tensor> maps[] = {
      {a.stem, b.stem}, {a.hgblock_1, b.hgblock_1}, {a.s3, b.s3}, {a.s4, b.s4},
      {a.s5, b.s5},     {c.aifi, d.aifi},           {c.x1, d.x1}, {c.x2, d.x2},
      {c.x3, d.x3}};
  for (const auto& [expected, actual] : maps) {
    ASSERT_EQ(actual.sizes(), expected.sizes());
    EXPECT_LT(Difference(actual, expected), 1e-4 * expected.abs().max().item<double>());
  }
  const auto logits = plain(Repeated(grey));
  EXPECT_EQ(logits.sizes(), torch::IntArrayRef({2, kZones}));
  EXPECT_LT(Difference(folded(grey), logits), 1e-4 * logits.abs().max().item<double>());
}

TEST_F(RtDetrDetectorTest, FoldedInColourTakesThreeChannels) {
  auto plain = SmallDetector(), folded = SmallDetector();
  folded->Fold(torch::kFloat32, false);
  const auto image = Formula().Make("input.colour", {1, 3, 64, 64});
  const auto logits = plain(image);
  EXPECT_LT(Difference(folded(image), logits), 1e-4 * logits.abs().max().item<double>());
}

// Maps only: rounding changes which tokens become queries.
TEST_F(RtDetrDetectorTest, BFloat16IsNear) {
  auto plain = SmallDetector(), folded = SmallDetector();
  folded->Fold(torch::kBFloat16, true);
  const auto grey = GreyImages(2, 64);
  const EncodedMaps expected = plain->Encode(plain->Trunk(Repeated(grey)));
  const EncodedMaps actual = folded->Encode(folded->Trunk(grey.to(torch::kBFloat16)));
  const auto spread = expected.x1.std().item<double>();
  EXPECT_LT(Difference(actual.x1, expected.x1), 0.2 * spread);
  const auto logits = folded->Classify(folded->Aggregate(folded->Query(actual)));
  EXPECT_EQ(logits.scalar_type(), torch::kBFloat16);
  EXPECT_TRUE(logits.isfinite().all().item<bool>());
}

// At the published side: with fewer rows an image, products may add in another order.
TEST_F(RtDetrDetectorTest, NeighboursInABatchDoNotMatter) {
  auto detector = SmallDetector();
  detector->Fold(torch::kFloat32, true);
  const auto images = GreyImages(3, 224);
  const auto together = torch::sigmoid(detector(images));
  for (int64_t i = 0; i < 3; ++i) {
    const auto alone = torch::sigmoid(detector(images.narrow(0, i, 1)));
    EXPECT_LT(Difference(alone, together.narrow(0, i, 1)), 1e-6);
  }
  EXPECT_GT(Difference(together[0], together[1]), 1e-3);
}

TEST_F(RtDetrDetectorTest, AnswersDoNotDependOnTheSizeBefore) {
  auto detector = SmallDetector();
  detector->Fold(torch::kFloat32, true);
  const auto before = detector(GreyImages(1, 64));
  EXPECT_EQ(detector(GreyImages(1, 96)).sizes(), before.sizes());
  EXPECT_TRUE(torch::equal(detector(GreyImages(1, 64)), before));
}

TEST_F(RtDetrDetectorTest, SidesThatAreNoMultipleOf32AreRefused) {
  auto detector = SmallDetector();
  try {
    detector(Repeated(GreyImages(1, 80)));
    FAIL() << "accepted 80 pixels";
  } catch (const c10::Error& error) {
    EXPECT_THAT(error.msg(), testing::HasSubstr("a multiple of 32"));
  }
}

}  // namespace
}  // namespace lingula
