#include "model/nets/softmax.h"

#include <limits>

#include <gtest/gtest.h>

#include "tests/model/nets/formula_fill.h"

namespace lingula {
namespace {

using test::FormulaTensor;
using test::MaxDifference;

// Row lengths on both sides of what fills vector registers, and rows enough for several threads.
class SoftmaxTest : public testing::TestWithParam<int64_t> {
 protected:
  static torch::Tensor Scores(torch::ScalarType type) {
    return (FormulaTensor("input.scores", {3, 41, GetParam()}) * 40).to(type);
  }

  torch::NoGradGuard no_grad_;
};

TEST_P(SoftmaxTest, IsTorchsInFloat) {
  const auto scores = Scores(torch::kFloat32);
  const auto expected = torch::softmax(scores.to(torch::kFloat64), -1).to(torch::kFloat32);
  EXPECT_LE(MaxDifference(SoftmaxOf(scores.clone()), expected), 1e-6);
}

TEST_P(SoftmaxTest, IsTorchsInBfloat16) {
  const auto scores = Scores(torch::kBFloat16);
  const auto expected = torch::softmax(scores.to(torch::kFloat64), -1).to(torch::kFloat32);
  const auto found = SoftmaxOf(scores.clone());
  EXPECT_EQ(found.scalar_type(), torch::kBFloat16);
  EXPECT_LE(MaxDifference(found.to(torch::kFloat32), expected), 1.0 / 256) << "half a last place";
}

TEST_P(SoftmaxTest, ARowDoesNotKnowItsNeighbours) {
  const auto scores = Scores(torch::kFloat32);
  const auto together = SoftmaxOf(scores.clone());
  EXPECT_TRUE(torch::equal(SoftmaxOf(scores[1].clone()), together[1]));
}

INSTANTIATE_TEST_SUITE_P(Columns, SoftmaxTest, testing::Values(1, 9, 12, 15, 16, 17, 24, 784));

TEST(SoftmaxOfTest, FarApartScoresAndWhatIsNoNumber) {
  const torch::NoGradGuard no_grad;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto found = SoftmaxOf(torch::tensor({{0.0F, -1e30F}, {3e38F, -3e38F}, {nan, 0.0F}}));
  EXPECT_LE(MaxDifference(found.slice(0, 0, 2), torch::tensor({{1.0F, 0.0F}, {1.0F, 0.0F}})), 1e-6);
  EXPECT_TRUE(torch::isnan(found[2]).all().item<bool>());
}

TEST(SoftmaxOfTest, KeepsItsInputWhereGradientsAreWanted) {
  const auto scores = torch::tensor({{1.0F, 2.0F}}).set_requires_grad(true);
  SoftmaxOf(scores).select(1, 0).sum().backward();
  EXPECT_TRUE(scores.grad().defined());
  EXPECT_EQ(scores[0][1].item<float>(), 2.0F);
}

}  // namespace
}  // namespace lingula
