// What recorded outputs cannot show (lingula-parity compares those): leaving the text out.
#include "model/nets/guide_decoder.h"

#include <gmock/gmock.h>

#include "tests/model/nets/formula_fill.h"

namespace lingula {
namespace {

using test::FormulaTensor;
using test::MaxDifference;

TEST(GuideLayerTest, AShareOfOneChangesNothingAndZeroTakesTheTextOut) {
  torch::NoGradGuard no_grad;
  GuideDecoderOptions options;
  options.in_channels = 192;
  options.text_tokens = 9;
  GuideLayer layer(options);
  test::FillByFormula(*layer, "model.decoder4.guide_layer.");
  const auto text = FormulaTensor("input.text", {2, 24, 768});
  const auto x = FormulaTensor("input.guide4.x", {2, 784, 192});
  const auto guided = layer(x, layer->ProjectText(text), torch::Tensor());
  EXPECT_TRUE(layer(x, layer->ProjectText(text), torch::ones({2, 1, 1})).equal(guided));
  const auto without = layer(x, layer->ProjectText(text), torch::zeros({2, 1, 1}));
  EXPECT_GT(MaxDifference(without, guided), 0.1);
  EXPECT_TRUE(layer(x, layer->ProjectText(-text), torch::zeros({2, 1, 1})).equal(without));
  // One sample of two.
  const auto share = torch::tensor({1.0F, 0.0F}).view({2, 1, 1});
  const auto mixed = layer(x, layer->ProjectText(text), share);
  EXPECT_TRUE(mixed[0].equal(guided[0]));
  EXPECT_TRUE(mixed[1].equal(without[1]));
}

}  // namespace
}  // namespace lingula
