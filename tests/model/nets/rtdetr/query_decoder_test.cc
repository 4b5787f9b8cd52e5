#include "model/nets/rtdetr/query_decoder.h"

#include <gmock/gmock.h>

#include "model/parity/formula_fill.h"

namespace lingula {
namespace {

using testing::Each;

constexpr int64_t kHidden = 16;

std::vector<float> Floats(const torch::Tensor& x) {
  const auto flat = x.to(torch::kFloat32).contiguous().flatten();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

EncodedMaps Maps(int64_t side) {
  EncodedMaps maps;
  maps.x1 = Formula().Make("input.x1", {2, kHidden, side, side});
  maps.x2 = Formula().Make("input.x2", {2, kHidden, side / 2, side / 2});
  maps.x3 = Formula().Make("input.x3", {2, kHidden, side / 4, side / 4});
  return maps;
}

QueryDecoder SmallDecoder() {
  QueryDecoder decoder(QueryDecoderOptions{kHidden, 12, 2, 4, 2, 32, 5});
  Formula().Fill(*decoder, "test.");
  return decoder;
}

// Recorded from the published code for 224 pixels.
TEST(AnchorsTest, PublishedNumbers) {
  const Anchors anchors = MakeAnchors({{28, 28}, {14, 14}, {7, 7}});
  EXPECT_TRUE(anchors.all_valid);
  EXPECT_EQ(anchors.logits.sizes(), torch::IntArrayRef({1, 1029, 4}));
  const auto near = [](double x) { return testing::FloatNear(static_cast<float>(x), 2e-6F); };
  EXPECT_THAT(Floats(anchors.logits[0][0]), testing::ElementsAre(near(-4.007333), near(-4.007333),
                                                                 near(-2.944439), near(-2.944439)));
  EXPECT_THAT(anchors.logits[0][784][2].item<float>(), near(-2.197225));
  EXPECT_THAT(anchors.logits[0][1028][3].item<float>(), near(-1.386294));
  // Row-major: the second token is one column further.
  EXPECT_GT(anchors.logits[0][1][0].item<float>(), -3.9F);
  EXPECT_THAT(anchors.logits[0][1][1].item<float>(), near(-4.007333));
}

TEST(AnchorsTest, ThoseAtTheEdgesOfLargeMapsAreNotValid) {
  const Anchors anchors = MakeAnchors({{52, 52}, {26, 26}, {13, 13}});  // 416 pixels
  EXPECT_FALSE(anchors.all_valid);
  const auto valid = anchors.valid.flatten().slice(0, 0, 52 * 52).view({52, 52});
  EXPECT_FALSE(valid[0].any().item<bool>());
  EXPECT_FALSE(valid.select(1, 51).any().item<bool>());
  EXPECT_TRUE(valid.slice(0, 1, 51).slice(1, 1, 51).all().item<bool>());
  EXPECT_TRUE(anchors.valid.flatten().slice(0, 52 * 52).all().item<bool>());
  EXPECT_THAT(Floats(anchors.logits[0][7]), Each(std::numeric_limits<float>::infinity()));
}

TEST(GridCodeTest, PublishedNumbers) {
  const auto code = GridCode(7, 7, 256);
  EXPECT_EQ(code.sizes(), torch::IntArrayRef({1, 49, 256}));
  EXPECT_NEAR(code[0][8][0].item<double>(), 0.841471, 1e-6);  // row 1, column 1
  EXPECT_NEAR(code[0][8][1].item<double>(), 0.761720, 1e-6);
  EXPECT_NEAR(code[0][8][64].item<double>(), 0.540302, 1e-6);
  EXPECT_EQ(code[0][7][128].item<double>(), 0);  // row 1, column 0
  EXPECT_NEAR(code[0][1][128].item<double>(), 0.841471, 1e-6);
}

TEST(QueryDecoderTest, TheBestTokensAreQueriesBestFirst) {
  const torch::NoGradGuard no_grad;
  const QueryAnswer answer = SmallDecoder()(Maps(8));
  EXPECT_EQ(answer.scores.sizes(), torch::IntArrayRef({2, 64 + 16 + 4}));
  const auto sorted = std::get<0>(answer.scores.sort(1, true)).slice(1, 0, 12);
  EXPECT_TRUE(torch::equal(answer.scores.gather(1, answer.topk_indices), sorted));
  ASSERT_EQ(answer.layers.size(), 2);
  EXPECT_EQ(answer.layers.back().sizes(), torch::IntArrayRef({2, 12, kHidden}));
}

TEST(QueryDecoderTest, TokensWithoutAValidAnchorAreScoredAsZero) {
  const torch::NoGradGuard no_grad;
  const QueryAnswer answer = SmallDecoder()(Maps(52));
  const auto first = answer.scores.slice(1, 0, 52 * 52).view({2, 52, 52});
  const auto edge = first.select(1, 0);
  EXPECT_TRUE((edge == edge[0][0]).all().item<bool>());
  EXPECT_FALSE((first.select(1, 1) == edge[0][0]).all().item<bool>());
  EXPECT_TRUE(answer.layers.back().isfinite().all().item<bool>());
}

TEST(QueryDecoderTest, TooFewPixelsAreRefused) {
  EncodedMaps maps = Maps(4);
  maps.x1 = maps.x1.narrow(2, 0, 1).contiguous();
  try {
    SmallDecoder()(maps);
    FAIL() << "accepted 9 tokens for 12 queries";
  } catch (const c10::Error& error) {
    EXPECT_THAT(error.msg(), testing::HasSubstr("9 pixels together"));
  }
}

// As published: boxes and the choice of queries are detached.
TEST(QueryDecoderTest, LearnsInTheLayersOnly) {
  auto decoder = SmallDecoder();
  decoder->train();
  decoder(Maps(8)).layers.back().square().sum().backward();
  for (const auto& parameter : decoder->named_parameters()) {
    const std::string& name = parameter.key();
    const bool learns = name.rfind("decoder.layers.", 0) == 0 ||
                        name.rfind("query_pos_head.", 0) == 0 || name.rfind("input_proj.", 0) == 0;
    const auto& grad = parameter.value().grad();
    EXPECT_EQ(grad.defined(), learns) << name;
  }
  const auto parameters = decoder->named_parameters();
  const auto largest = [&](const char* name) {
    return parameters[name].grad().abs().max().item<double>();
  };
  EXPECT_GT(largest("decoder.layers.0.cross_attn.sampling_offsets.weight"), 1e-6);
  EXPECT_GT(largest("decoder.layers.1.cross_attn.value_proj.weight"), 1e-6);
}

}  // namespace
}  // namespace lingula
