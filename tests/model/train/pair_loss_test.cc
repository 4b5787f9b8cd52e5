#include "model/train/pair_loss.h"

#include <cmath>

#include <gtest/gtest.h>

namespace lingula {
namespace {

// Two images and texts at right angles: cosines 1 and 0, logits 10 and 0.
TEST(EvenPairLossTest, ByHand) {
  const auto image = torch::tensor({{2.0F, 0.0F}, {0.0F, 3.0F}});
  const auto text = torch::tensor({{1.0F, 0.0F}, {0.0F, 1.0F}});
  const auto different = torch::tensor({{0.0F}, {1.0F}}), equal = torch::zeros({2, 1});
  const double right = std::log(1 + std::exp(-10)), wrong = std::log(1 + std::exp(10));
  EXPECT_NEAR(EvenPairLoss(image, text, different).item<double>(), right, 1e-6);
  // Both match both: half of each.
  EXPECT_NEAR(EvenPairLoss(image, text, equal).item<double>(), (right + wrong) / 2, 1e-5);
  EXPECT_NEAR(EvenPairLoss(image, text.flip({0}), different).item<double>(), wrong, 1e-5);
}

TEST(EvenPairLossTest, KeysAreWholeRows) {
  const auto image = torch::eye(2), text = torch::eye(2);
  const auto keys = torch::tensor({{1.0F, 0.0F}, {1.0F, 1.0F}});
  EXPECT_EQ(EvenPairLoss(image, text, keys).item<float>(),
            EvenPairLoss(image, text, torch::tensor({{0.0F}, {1.0F}})).item<float>());
}

}  // namespace
}  // namespace lingula
