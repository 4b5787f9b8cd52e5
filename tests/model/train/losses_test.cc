#include "model/train/losses.h"

#include <cmath>

#include <gmock/gmock.h>

#include "model/train/mask_loss.h"

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
}

TEST_F(DiceTest, PooledSumsBeforeItDivides) {
  EXPECT_NEAR(Value(PooledDiceLoss(p_, y_)), 1 - (2 * 1.5 + 1e-5) / (1.75 + 2 + 1e-5), 1e-6);
}

TEST_F(DiceTest, WeightsDecideTheLossOfAMask) {
  const auto logits = torch::logit(p_, 1e-6);
  train::v1::Losses losses;
  losses.set_dice(0.5);
  losses.set_cross_entropy(2);
  const MaskLossAnswer own = MaskLoss(losses, logits, y_);
  ASSERT_EQ(own.terms.size(), MaskTerms().size());
  EXPECT_FALSE(own.terms[1].defined());
  const double entropy = (std::log(2) - std::log(0.75) + 2e-6) / 4;
  EXPECT_NEAR(Value(own.terms[2]), entropy, 1e-5);
  EXPECT_NEAR(Value(own.total), 0.5 * Value(DiceLoss(p_, y_)) + 2 * entropy, 1e-5);

  losses.set_reference_dice_ce(train::v1::REFERENCE_LOSS_MONAI_1_0_1);
  EXPECT_NEAR(Value(MaskLoss(losses, logits, y_).total), Value(DiceLoss(p_, y_)), 1e-5);
  losses.set_reference_dice_ce(train::v1::REFERENCE_LOSS_MONAI_1_5_0);
  EXPECT_NEAR(Value(MaskLoss(losses, logits, y_).total),
              Value(DiceCeLoss(p_, y_, MonaiRelease::k150)), 1e-5);
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

TEST(DiceLossTest, ByHand) {
  // Probabilities 0.5 everywhere, one of four pixels is there: overlap 0.5, sums 2 and 1.
  const auto logits = torch::zeros({1, 1, 2, 2});
  auto truth = torch::zeros({1, 1, 2, 2});
  truth[0][0][0][1] = 1;
  EXPECT_NEAR(DiceLoss(torch::sigmoid(logits), truth).item<double>(), 1 - 1.00001 / 3.00001, 1e-6);
  // Averaged over images, not pooled: the second is met exactly.
  const auto both = torch::cat({logits, (truth * 2 - 1) * 1000});
  EXPECT_NEAR(DiceLoss(torch::sigmoid(both), torch::cat({truth, truth})).item<double>(),
              (1 - 1.00001 / 3.00001) / 2, 1e-6);
}

TEST(DiceLossTest, NothingThere) {
  const auto truth = torch::zeros({1, 1, 2, 2});
  EXPECT_NEAR(DiceLoss(torch::sigmoid(torch::full({1, 1, 2, 2}, -1000.0)), truth).item<double>(), 0,
              1e-6);
  EXPECT_NEAR(DiceLoss(torch::full({1, 1, 2, 2}, 0.5), truth).item<double>(), 1 - 1e-5 / 2.00001,
              1e-6);
  // Its gradient is finite, too.
  auto logits = torch::full({1, 1, 2, 2}, -1000.0).requires_grad_();
  DiceLoss(torch::sigmoid(logits), truth).backward();
  EXPECT_TRUE(torch::isfinite(logits.grad()).all().item<bool>());
}

}  // namespace
}  // namespace lingula
