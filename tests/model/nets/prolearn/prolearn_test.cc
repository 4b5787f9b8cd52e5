#include "model/nets/prolearn/prolearn.h"

#include <set>
#include <string>

#include <gmock/gmock.h>

#include "tests/model/nets/formula_fill.h"

namespace lingula {
namespace {

using test::FillByFormula;
using test::FormulaTensor;
using test::MaxDifference;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

ProlearnOptions SmallOptions() {
  ProlearnOptions o;
  o.side = 64;
  ConvNextOptions encoder;
  encoder.depths = {1, 1, 1, 1};
  encoder.widths = {8, 16, 32, 64};
  o.encoder = encoder;
  o.decoder_widths = {64, 32, 16, 8};
  o.head_channels = 4;
  VitOptions tower;
  tower.side = 64;
  tower.dim = 32;
  tower.depth = 2;
  tower.heads = 4;
  tower.mlp = 64;
  o.query = tower;
  o.labels = 2;
  o.prototypes = 4;
  o.query_dim = 12;
  o.response_dim = 16;
  return o;
}

Prolearn Small(const ProlearnOptions& options = SmallOptions()) {
  Prolearn net(options);
  FillByFormula(*net, "model.");
  return net;
}

// A grey image repeated to three channels, or once only.
torch::Tensor Images(int64_t batch, int64_t channels = 3) {
  return FormulaTensor("input.image", {batch, 1, 64, 64})
      .expand({batch, channels, 64, 64})
      .contiguous(torch::MemoryFormat::ChannelsLast);
}

torch::Tensor Segment(Prolearn& net, const torch::Tensor& image,
                      const torch::Tensor& use_guidance = {}) {
  const Retrieval found = net->Retrieve(net->Embed(image));
  return net->Decode(net->Encode(image), found.response, use_guidance);
}

double Largest(const torch::Tensor& x) {
  return x.abs().max().item<double>();
}

class ProlearnTest : public testing::Test {
 protected:
  torch::NoGradGuard no_grad_;
};

TEST_F(ProlearnTest, FoldedEqualsUnfolded) {
  for (const EncoderOptions& encoder :
       {SmallOptions().encoder, EncoderOptions(MobileNetV2Options())}) {
    for (const Response response : {Response::kTokens, Response::kWeightedSum}) {
      ProlearnOptions options = SmallOptions();
      options.encoder = encoder;
      options.response = response;
      auto net = Small(options);
      const auto embedding = net->Embed(Images(2));
      const auto logits = Segment(net, Images(2));
      ASSERT_THAT(logits.sizes(), ElementsAre(2, 1, 64, 64));
      net->Fold(torch::kFloat32, true);
      EXPECT_LE(MaxDifference(net->Embed(Images(2, 1)), embedding), 1e-4 * Largest(embedding));
      EXPECT_LE(MaxDifference(Segment(net, Images(2, 1)), logits), 1e-4 * Largest(logits));
    }
  }
}

// The paper's form: the query from the features of the encoder.
ProlearnOptions OwnOptions() {
  ProlearnOptions options = SmallOptions();
  FeatureQueryOptions query;
  query.dim = 16;
  query.heads = 2;
  query.layers = 1;
  query.queries = 3;
  options.query = query;
  return options;
}

TEST_F(ProlearnTest, QueryOfFeaturesFoldedEqualsUnfolded) {
  auto net = Small(OwnOptions());
  for (const std::string& name : net->named_parameters().keys()) {
    EXPECT_EQ(name.find("prototype.encoder"), std::string::npos) << name;
  }
  const auto image = Images(2);
  const auto embedding = net->Embed(image);
  ASSERT_THAT(embedding.sizes(), ElementsAre(2, 12));
  EXPECT_TRUE(net->Embed(image, net->Encode(image)).equal(embedding));
  EXPECT_GT(MaxDifference(embedding[0], embedding[1]), 1e-3);
  const auto logits = Segment(net, image);
  net->Fold(torch::kFloat32, true);
  EXPECT_LE(MaxDifference(net->Embed(Images(2, 1)), embedding), 1e-4 * Largest(embedding));
  EXPECT_LE(MaxDifference(Segment(net, Images(2, 1)), logits), 1e-4 * Largest(logits));
}

// What is where matters: the same picture mirrored asks for something else.
TEST_F(ProlearnTest, QueryOfFeaturesSeesPlaces) {
  auto net = Small(OwnOptions());
  auto features = net->Encode(Images(1));
  const auto embedding = net->Embed(Images(1), features);
  for (auto& feature : features) {
    feature = feature.flip({3});
  }
  EXPECT_GT(MaxDifference(net->Embed(Images(1), features), embedding), 1e-3);
}

TEST_F(ProlearnTest, FoldedWithoutGrey) {
  auto net = Small();
  const auto image = FormulaTensor("input.colour", {1, 3, 64, 64});
  const auto logits = Segment(net, image);
  net->Fold(torch::kFloat32, false);
  const auto folded = Segment(net, image.contiguous(torch::MemoryFormat::ChannelsLast));
  EXPECT_LE(MaxDifference(folded, logits), 1e-4 * Largest(logits));
}

TEST_F(ProlearnTest, Bfloat16StaysNear) {
  auto net = Small();
  const auto embedding = net->Embed(Images(2));
  const Retrieval found = net->Retrieve(embedding);
  const auto logits = net->Decode(net->Encode(Images(2)), found.response, {});
  net->Fold(torch::kBFloat16, true);
  EXPECT_TRUE(net->Retrieve(embedding).rows.equal(found.rows));
  const auto image = Images(2, 1).to(torch::kBFloat16);
  EXPECT_LE(MaxDifference(net->Embed(image), embedding), 0.05 * Largest(embedding));
  const auto low = net->Decode(net->Encode(image), found.response, {});
  EXPECT_LE(MaxDifference(low, logits), 0.05 * Largest(logits));
}

// Without guidance the cross-attention terms are gone: the same as scales of 0, whatever the
// response, and for the sample alone that asked for it.
TEST_F(ProlearnTest, GuidanceLeftOut) {
  auto net = Small();
  const auto features = net->Encode(Images(2));
  const auto response = FormulaTensor("input.response", {2, 3, 16});
  const auto some = torch::tensor({0.0F, 1.0F}).view({2, 1, 1});
  const auto guided = net->Decode(features, response, {});
  const auto mixed = net->Decode(features, response, some);
  EXPECT_TRUE(mixed[1].equal(guided[1]));
  EXPECT_GT(MaxDifference(mixed[0], guided[0]), 1e-3);
  EXPECT_TRUE(net->Decode(features, -response, some)[0].equal(mixed[0]));
  for (const auto& parameter : net->named_parameters()) {
    if (parameter.key().find("guide_layer.cross_attn.scale") != std::string::npos) {
      parameter.value().zero_();
    }
  }
  EXPECT_TRUE(net->Decode(features, response, {})[0].equal(mixed[0]));
}

TEST_F(ProlearnTest, GuidanceLeftOutOfTheFoldedNetwork) {
  auto net = Small();
  const auto response = FormulaTensor("input.response", {2, 3, 16});
  const auto none = torch::zeros({2, 1, 1});
  const auto plain = net->Decode(net->Encode(Images(2)), response, none);
  net->Fold(torch::kFloat32, true);
  const auto features = net->Encode(Images(2, 1));
  const auto folded = net->Decode(features, response, none);
  EXPECT_LE(MaxDifference(folded, plain), 1e-4 * Largest(plain));
  EXPECT_TRUE(net->Decode(features, -response, none).equal(folded));
}

TEST_F(ProlearnTest, AnswersDoNotDependOnTheBatch) {
  auto net = Small();
  const auto compare = [&](int64_t channels) {
    const auto images = Images(3, channels);
    const auto together = Segment(net, images);
    for (int64_t i = 0; i < 3; ++i) {
      EXPECT_LE(MaxDifference(Segment(net, images.narrow(0, i, 1)), together.narrow(0, i, 1)),
                1e-5 * Largest(together))
          << i << " of " << channels << " channels";
    }
  };
  compare(3);
  net->Fold(torch::kFloat32, true);
  compare(1);
}

TEST_F(ProlearnTest, ResponseRulesShareWeightsAndDiffer) {
  auto tokens = Small();
  ProlearnOptions options = SmallOptions();
  options.response = Response::kWeightedSum;
  auto sum = Small(options);
  ASSERT_EQ(tokens->named_parameters().keys(), sum->named_parameters().keys());
  const auto embedding = tokens->Embed(Images(2));
  const Retrieval a = tokens->Retrieve(embedding), b = sum->Retrieve(embedding);
  EXPECT_TRUE(a.rows.equal(b.rows));
  const auto mean = (torch::softmax(a.values, 1).unsqueeze(2) * a.response).sum(1);
  for (int64_t token = 0; token < 3; ++token) {
    EXPECT_LE(MaxDifference(b.response.select(1, token), mean), 1e-6);
  }
  EXPECT_GT(MaxDifference(Segment(tokens, Images(2)), Segment(sum, Images(2))), 1e-3);
}

TEST_F(ProlearnTest, TapsSeeTheStages) {
  auto net = Small();
  std::set<std::string> seen;
  const auto see = [&](const std::string& name, const torch::Tensor& value) {
    seen.insert(name);
    EXPECT_GT(value.numel(), 0);
  };
  const Retrieval found = net->Retrieve(net->Embed(Images(1), see));
  EXPECT_THAT(seen, UnorderedElementsAre("patch", "block0", "block1", "norm"));
  seen.clear();
  net->Decode(net->Encode(Images(1)), found.response, {}, see);
  EXPECT_THAT(seen,
              UnorderedElementsAre("approx1", "approx1.self_attn1", "approx1.branch1", "guide16",
                                   "stage16", "approx2", "approx2.self_attn1", "approx2.branch1",
                                   "guide8", "stage8", "approx3", "approx3.self_attn1",
                                   "approx3.branch1", "guide4", "stage4", "decoder1"));
}

TEST_F(ProlearnTest, RefusesTowersForImagesOfOtherSizes) {
  ProlearnOptions options = SmallOptions();
  std::get<VitOptions>(options.query).side = 32;
  EXPECT_THROW(Prolearn{options}, c10::Error);
}

}  // namespace
}  // namespace lingula
