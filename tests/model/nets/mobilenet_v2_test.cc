#include "model/nets/mobilenet_v2.h"

#include <vector>

#include <gmock/gmock.h>

#include "model/train/mobilenet_start.h"
#include "tests/model/nets/formula_fill.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FormulaTensor;
using test::IsOk;
using test::MaxDifference;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

class MobileNetV2Test : public testing::Test {
 protected:
  static void SetUpTestSuite() { torch::set_num_threads(1); }
  torch::NoGradGuard no_grad_;
};

std::vector<ConvUnit> Units(MobileNetV2& net) {
  std::vector<ConvUnit> units;
  net.eval();
  net.Walk(torch::zeros({1, 3, 32, 32}), [&](ConvUnit& unit, const torch::Tensor& x) {
    units.push_back(unit);
    return unit(x);
  });
  return units;
}

// The same features from folded convolutions, written down from the paper's table.
Features PlainChain(const std::vector<FoldedConv>& convs, const torch::Tensor& image) {
  size_t next = 0;
  const auto conv = [&](const torch::Tensor& x, int64_t stride, bool relu6) {
    const FoldedConv& c = convs[next++];
    const auto y = torch::conv2d(x, c.weight, c.bias, stride, c.weight.size(2) / 2, 1,
                                 c.weight.size(1) == 1 ? c.weight.size(0) : 1);
    return relu6 ? torch::clamp(y, 0, 6) : y;
  };
  struct Row {
    int expansion, repeats, stride, feature;
  };
  Features features;
  auto x = conv(image, 2, true);
  for (const Row& row : {Row{1, 1, 1, -1}, Row{6, 2, 2, 0}, Row{6, 3, 2, 1}, Row{6, 4, 2, -1},
                         Row{6, 3, 1, 2}, Row{6, 3, 2, -1}, Row{6, 1, 1, 3}}) {
    for (int i = 0; i < row.repeats; ++i) {
      auto y = row.expansion == 1 ? x : conv(x, 1, true);
      y = conv(y, i == 0 ? row.stride : 1, true);
      y = conv(y, 1, false);
      x = i == 0 ? y : x + y;
    }
    if (row.feature >= 0) {
      features[row.feature] = x;
    }
  }
  return features;
}

std::vector<FoldedConv> MadeUpConvs(MobileNetV2& net) {
  std::vector<FoldedConv> convs;
  for (ConvUnit& unit : Units(net)) {
    const std::string key = "made_up." + std::to_string(convs.size());
    const auto shape = unit->conv()->weight.sizes();
    convs.push_back({FormulaTensor(key + ".kernel", shape), FormulaTensor(key, {shape[0]})});
  }
  return convs;
}

// Equal to 1e-4 of the largest value of each feature map.
void ExpectClose(const Features& found, const Features& wanted) {
  for (int i = 0; i < 4; ++i) {
    const double largest = wanted[i].abs().max().item<double>();
    EXPECT_GT(largest, 1e-3) << i;
    EXPECT_LE(MaxDifference(found[i], wanted[i]), 1e-4 * largest) << i;
  }
}

Features Transposed(Features features) {
  for (auto& feature : features) {
    feature = feature.transpose(2, 3);
  }
  return features;
}

TEST_F(MobileNetV2Test, HasThePublishedSizes) {
  MobileNetV2 net(1.0);
  EXPECT_EQ(Units(net).size(), 51U);
  EXPECT_THAT(net.widths(), ElementsAre(24, 32, 96, 320));
  int64_t parameters = 0;
  for (const auto& parameter : net.parameters()) {
    parameters += parameter.numel();
  }
  // The published 3,504,872 less the last convolution with its norm and the classifier.
  EXPECT_EQ(parameters, 3504872 - (320 * 1280 + 2 * 1280) - (1280 * 1000 + 1000));
  const Features features = net.forward(torch::zeros({2, 3, 96, 96}));
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(features[i].sizes(), ElementsAre(2, net.widths()[i], 24 >> i, 24 >> i));
  }
}

TEST_F(MobileNetV2Test, WidthMultiplierRoundsToEights) {
  MobileNetV2 net(0.5);
  EXPECT_THAT(net.widths(), ElementsAre(16, 16, 48, 160));
  EXPECT_EQ(Units(net).size(), 51U);
}

TEST_F(MobileNetV2Test, FoldingChangesNothing) {
  const auto image = FormulaTensor("input.image", {2, 1, 96, 96});
  for (const bool grey : {false, true}) {
    MobileNetV2 net(1.0);
    test::FillByFormula(net, "model.encoder.");
    const auto wide = image.expand({2, 3, 96, 96});
    const Features before = net.forward(wide);
    net.Fold(torch::kFloat32, grey);
    ExpectClose(net.forward((grey ? image : wide).contiguous(torch::MemoryFormat::ChannelsLast)),
                before);
  }
}

TEST_F(MobileNetV2Test, StartsFromFoldedConvolutions) {
  MobileNetV2 net(1.0);
  const auto convs = MadeUpConvs(net);
  ASSERT_THAT(StartFrom(convs, false, FormulaTensor("input.start", {3, 3, 64, 64}), net), IsOk());
  const auto image = FormulaTensor("input.other", {1, 3, 96, 64});
  net.eval();
  ExpectClose(net.forward(image), PlainChain(convs, image));
}

TEST_F(MobileNetV2Test, StartsTransposedForTransposedImages) {
  MobileNetV2 net(1.0);
  const auto convs = MadeUpConvs(net);
  ASSERT_THAT(StartFrom(convs, true, FormulaTensor("input.start", {3, 3, 64, 64}), net), IsOk());
  const auto image = FormulaTensor("input.other", {1, 3, 96, 64});
  net.eval();
  ExpectClose(Transposed(net.forward(image.transpose(2, 3))), PlainChain(convs, image));
}

TEST_F(MobileNetV2Test, RefusesAStartThatDoesNotFit) {
  MobileNetV2 net(1.0);
  const auto images = torch::zeros({1, 3, 32, 32});
  auto convs = MadeUpConvs(net);
  convs[4].weight = torch::zeros({1, 1, 1, 1});
  EXPECT_THAT(StartFrom(convs, false, images, net),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("convolution 5")));
  convs.pop_back();
  EXPECT_THAT(StartFrom(convs, false, images, net),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("50")));
}

}  // namespace
}  // namespace lingula
