// Sizes of the networks: parameters and multiply-accumulates of one image (MacCounter says how).
#include <cmath>
#include <iostream>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "model/backend/network_options.h"
#include "model/nets/prolearn/prolearn.h"
#include "model/nets/sgseg/sgseg.h"
#include "model/train/recipe.h"
#include "tests/model/nets/mac_counter.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::MacCounter;

int64_t Parameters(const torch::nn::Module& module) {
  int64_t count = 0;
  for (const auto& parameter : module.parameters()) {
    count += parameter.numel();
  }
  return count;
}

class BudgetTest : public testing::Test {
 protected:
  torch::NoGradGuard no_grad_;
};

// GMAC to three decimals.
double Thousandths(int64_t macs) {
  return std::round(static_cast<double>(macs) / 1e6) / 1e3;
}

// The published network, whose figures are known (docs/models.md): proves the counter.
TEST_F(BudgetTest, PublishedDecoders) {
  struct Case {
    int64_t side, channels, text_tokens, parameters;
    double gmac;
  };
  for (const Case& c : {Case{7, 768, 24, 10484569, 1.060}, Case{14, 384, 12, 2772397, 1.050},
                        Case{28, 192, 9, 768802, 1.252}}) {
    GuideDecoderOptions options;
    options.in_channels = c.channels;
    options.text_tokens = c.text_tokens;
    GuideDecoder decoder(options);
    EXPECT_EQ(Parameters(*decoder), c.parameters);
    const MacCounter counter;
    const auto text = decoder->guide_layer()->ProjectText(torch::zeros({1, 24, 768}));
    decoder(torch::zeros({1, c.channels, c.side, c.side}),
            torch::zeros({1, c.channels / 2, 2 * c.side, 2 * c.side}), text, torch::Tensor());
    EXPECT_DOUBLE_EQ(Thousandths(counter.macs()), c.gmac) << c.channels;
  }
}

TEST_F(BudgetTest, PublishedHeadAndEncoders) {
  SubpixelHead head(96, 24);
  EXPECT_EQ(Parameters(*head), 332185);
  {
    const MacCounter counter;  // published: 1.042 with the 1x1 convolution that follows
    head->Upsample(torch::zeros({1, 96, 56, 56}));
    EXPECT_DOUBLE_EQ(Thousandths(counter.macs()), 1.040);
  }
  {
    const MacCounter counter;  // both convolutions as one
    head(torch::zeros({1, 96, 56, 56}));
    EXPECT_DOUBLE_EQ(Thousandths(counter.macs()), 0.043);
  }
  ConvNext convnext{ConvNextOptions()};
  // The published count holds a last normalisation of 768 channels, which segmentation does not
  // use.
  EXPECT_EQ(Parameters(convnext), 27820128 - 2 * 768);
  {
    const MacCounter counter;
    convnext.forward(torch::zeros({1, 3, 224, 224}));
    EXPECT_DOUBLE_EQ(Thousandths(counter.macs()), 4.455);
  }
  BertOptions small;
  small.layers = 1;
  Bert bert(small);  // one of twelve equal layers
  bert->eval();
  constexpr int64_t kEmbeddings = (30522 + 512 + 2 + 2) * 768;
  EXPECT_EQ(kEmbeddings + 12 * (Parameters(*bert) - kEmbeddings), 108891648);
  const MacCounter counter;
  bert(torch::zeros({1, 24}, torch::kInt64), torch::ones({1, 24}));
  EXPECT_DOUBLE_EQ(Thousandths(12 * counter.macs()), 2.049);
}

TEST_F(BudgetTest, CompactRecipe) {
  const auto recipe = ReadRecipe("model/recipes/cxr-sgseg-compact.textproto");
  ASSERT_THAT(recipe, IsOk());
  const SgsegOptions options = SgsegOptionsFrom(recipe->bundle());
  Sgseg net(options);
  net->eval();
  const auto table = net->ProjectText(torch::zeros({1, options.report_tokens, options.report_dim}));
  const MacCounter counter;  // a served image: the reports are projected beforehand
  const auto image = torch::zeros({1, 3, options.side, options.side});
  const auto features = net->Encode(image);
  net->Locate(image, features);
  net->Decode(features, table, torch::Tensor());
  const double gmac = static_cast<double>(counter.macs()) / 1e9;
  const double millions = static_cast<double>(Parameters(*net)) / 1e6;
  std::cout << "cxr-sgseg-compact: " << millions << " M parameters, " << gmac << " GMAC\n";
  EXPECT_EQ(options.side, 224);
  EXPECT_LE(millions, 8.0);
  EXPECT_LE(gmac, 1.2);
  EXPECT_GT(gmac, 0.3);  // MobileNetV2 alone has about that
}

// Unfolded: the served network leaves out most of the approximations' projections.
TEST_F(BudgetTest, CompactProlearnRecipes) {
  for (const char* name : {"cxr-prolearn-compact", "polyp-prolearn-compact"}) {
    const auto recipe = ReadRecipe(absl::StrCat("model/recipes/", name, ".textproto"));
    ASSERT_THAT(recipe, IsOk());
    Prolearn net(ProlearnOptionsFrom(recipe->bundle()));
    net->eval();
    const MacCounter counter;
    const auto image = torch::zeros({1, 3, net->options().side, net->options().side});
    const auto features = net->Encode(image);
    const auto found = net->Retrieve(net->Embed(image, features));
    net->Decode(features, found.response, torch::Tensor());
    const double gmac = static_cast<double>(counter.macs()) / 1e9;
    const double millions = static_cast<double>(Parameters(*net)) / 1e6;
    std::cout << name << ": " << millions << " M parameters, " << gmac << " GMAC\n";
    EXPECT_EQ(net->options().side, 224);
    EXPECT_LE(millions, 8.0);
    EXPECT_LE(gmac, 1.5);
    EXPECT_GT(gmac, 0.3);  // MobileNetV2 alone has about that
  }
}

}  // namespace
}  // namespace lingula
