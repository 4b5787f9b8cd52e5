#include "model/parity/formula_fill.h"

#include <gmock/gmock.h>

namespace lingula {
namespace {

// fill_vectors.json holds more; these stay when a folder is replaced.
TEST(FormulaTest, MatchesPublishedVectors) {
  const Formula formula;
  const auto weight = formula.Make("model.decoder16.guide_layer.norm1.weight", {768});
  EXPECT_EQ(weight[0].item<float>(), 1.01171982F);
  EXPECT_EQ(weight[3].item<float>(), 0.978556275F);
  EXPECT_NEAR(weight.to(torch::kFloat64).sum().item<double>(), 770.155202746391, 1e-9);
  EXPECT_EQ(formula.Make("model.decoder4.guide_layer.scale", {}).item<float>(), 0.471058547F);
  EXPECT_EQ(formula.Make("input.text", {2, 24, 768})[0][0][0].item<float>(), -0.577769876F);
}

TEST(FormulaTest, LastConvolutionsDifferByFamily) {
  const std::string key = "model.out.conv.conv.weight";
  const auto sgseg = Formula().Make(key, {1, 24, 1, 1}).view(-1);
  const auto prolearn =
      Formula(Formula::kPublishedSalt, FormulaFamily::kProLearn).Make(key, {1, 24, 1, 1}).view(-1);
  EXPECT_EQ(sgseg[0].item<float>(), -1.48308992F);
  EXPECT_EQ(prolearn[0].item<float>(), -0.494363308F);
}

TEST(FormulaTest, ValuesDoNotDependOnHowManyThreadsMakeThem) {
  const int threads = torch::get_num_threads();
  torch::set_num_threads(1);
  const auto one = Formula().Make("input.long", {300000});
  torch::set_num_threads(3);
  EXPECT_TRUE(one.equal(Formula().Make("input.long", {300000})));
  torch::set_num_threads(threads);
}

TEST(FormulaTest, LeavesPositionCodesAndCountersAlone) {
  torch::nn::BatchNorm2d norm(4);
  Formula().Fill(*norm, "x.");
  EXPECT_EQ(norm->num_batches_tracked.item<int64_t>(), 0);
  EXPECT_FALSE(norm->is_training());
  EXPECT_TRUE(norm->weight.equal(Formula().Make("x.weight", {4})));
  EXPECT_TRUE(norm->running_var.equal(Formula().Make("x.running_var", {4})));
  EXPECT_GE(norm->running_var.min().item<float>(), 1);
}

}  // namespace
}  // namespace lingula
