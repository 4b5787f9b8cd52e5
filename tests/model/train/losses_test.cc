#include "model/train/losses.h"

#include <cmath>

#include <gmock/gmock.h>

namespace lingula {
namespace {

double Value(const torch::Tensor& loss) {
  return loss.item<double>();
}

// Probabilities and masks of two pictures of two pixels.
class DiceTest : public testing::Test {
 protected:
  torch::Tensor p_ = torch::tensor({0.5F, 0.25F, 0.0F, 1.0F}).view({2, 1, 1, 2});
  torch::Tensor y_ = torch::tensor({1.0F, 0.0F, 0.0F, 1.0F}).view({2, 1, 1, 2});
};

TEST_F(DiceTest, IsTheMeanOverPicturesNotPixels) {
  const double first = 1 - (2 * 0.5 + 1e-5) / (0.75 + 1 + 1e-5);
  EXPECT_NEAR(Value(DiceLoss(p_, y_)), first / 2, 1e-6);
  EXPECT_NEAR(Value(DiceLoss(torch::zeros_like(p_), torch::zeros_like(p_))), 0, 1e-7);
  EXPECT_EQ(Value(SoftDiceLoss(torch::logit(p_), y_)), Value(DiceLoss(p_, y_)));
}

TEST_F(DiceTest, ReleasesOfMonaiDifferByASecondSigmoid) {
  const double dice = Value(DiceLoss(p_, y_));
  EXPECT_EQ(Value(DiceCeLoss(p_, y_, MonaiRelease::k101)), dice);
  const auto softplus = [](double x) { return std::log1p(std::exp(x)); };
  const double entropy = (softplus(0.5) - 0.5 + softplus(0.25) + softplus(0) + softplus(1) - 1) / 4;
  EXPECT_NEAR(Value(DiceCeLoss(p_, y_, MonaiRelease::k150)), dice + entropy, 1e-6);
}

TEST(ZoneLossTest, LogarithmsEnd) {
  const auto p = torch::tensor({0.5F, 0.0F}).view({1, 2});
  EXPECT_NEAR(Value(ZoneLoss(p, torch::tensor({1.0F, 0.0F}).view({1, 2}))), std::log(2) / 2, 1e-6);
  EXPECT_NEAR(Value(ZoneLoss(p, torch::tensor({1.0F, 1.0F}).view({1, 2}))), (std::log(2) + 100) / 2,
              1e-5);
}

TEST(WarmUpLossTest, PairsAgainstTheRestOfTheBatch) {
  const auto image = torch::eye(3) * 5;
  // Cosines 1 and 0, ten times: exp(10) against twice exp(0).
  EXPECT_NEAR(Value(WarmUpLoss(image, torch::eye(3))), std::log1p(2 * std::exp(-10.0)), 1e-6);
  EXPECT_NEAR(Value(WarmUpLoss(image, torch::eye(3).roll(1, 0))),
              10 + std::log1p(2 * std::exp(-10.0)), 1e-5);
  // Tokens are averaged, padding and all; equal texts are negatives of each other.
  const auto tokens = torch::stack({image * 2, torch::zeros({3, 3})}, 1);
  EXPECT_NEAR(Value(WarmUpLoss(tokens, torch::eye(3))), Value(WarmUpLoss(image, torch::eye(3))),
              1e-6);
  EXPECT_NEAR(Value(WarmUpLoss(torch::ones({4, 2}), torch::ones({4, 2}))), std::log(4), 1e-6);
  EXPECT_TRUE(std::isfinite(Value(WarmUpLoss(torch::zeros({2, 2}), torch::eye(2)))));
}

TEST(PairLossTest, EqualZonesMatchAndWeighMore) {
  const auto none = torch::zeros({2, 3});  // all products 0: every entropy is ln 2
  EXPECT_NEAR(Value(PairLoss(none, none, torch::Tensor())), std::log(2), 1e-6);
  EXPECT_NEAR(Value(PairLoss(none, none, torch::eye(2))), std::log(2), 1e-6);
  EXPECT_NEAR(Value(PairLoss(none, none, torch::ones({2, 6}))), 2 * std::log(2), 1e-6);
  // Not normalised: products 1 / 0.1 against 0.
  EXPECT_NEAR(Value(PairLoss(torch::eye(2), torch::eye(2), torch::Tensor())),
              std::log1p(std::exp(-10.0)), 1e-6);
}

TEST(MatchingLossTest, ByHand) {
  torch::NoGradGuard no_grad;
  torch::nn::Sequential head = MatchingHead(1);
  auto parameters = head->named_parameters();
  ASSERT_EQ(parameters["0.weight"].sizes(), (std::vector<int64_t>{1, 2}));
  ASSERT_EQ(parameters["2.weight"].sizes(), (std::vector<int64_t>{2, 1}));
  parameters["0.weight"].copy_(torch::tensor({1.0F, 2.0F}).view({1, 2}));  // image + 2 text
  parameters["0.bias"].zero_();
  parameters["2.weight"].copy_(torch::tensor({0.0F, 1.0F}).view({2, 1}));  // as "match"
  parameters["2.bias"].zero_();
  const auto image = torch::tensor({1.0F, -9.0F}).view({2, 1});
  const auto text = torch::tensor({1.0F, 2.0F}).view({2, 1});
  const auto swapped = torch::tensor({1, 0}, torch::kInt64);
  // Pairs give 3 and (cut at 0) 0, the others 5 and 0.
  const auto softplus = [](double x) { return std::log1p(std::exp(x)); };
  const double expected = (softplus(-3) + std::log(2) + softplus(5) + std::log(2)) / 4;
  EXPECT_NEAR(Value(MatchingLoss(head, image, text, swapped)), expected, 1e-6);
}

}  // namespace
}  // namespace lingula
