#include "model/calibration/outliers.h"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gmock/gmock.h>

#include "model/calibration/calibration.h"
#include "model/eval/ranks.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;
using Rows = std::vector<std::vector<float>>;

absl::StatusOr<FeatureCloud> Fit(const Rows& rows) {
  const std::vector<absl::Span<const float>> spans(rows.begin(), rows.end());
  return FitCloud(spans);
}

// Two features that go together, and a third on its own scale.
Rows Draw(size_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  Rows rows(count);
  for (auto& row : rows) {
    const float a = normal(random);
    row = {10 + a, 5 + a + 0.1F * normal(random), 1000 + 100 * normal(random)};
  }
  return rows;
}

TEST(FeatureCloudTest, IsNearWhatItWasFittedOn) {
  const auto cloud = Fit(Draw(2000, 1));
  ASSERT_THAT(cloud, IsOk());
  double squares = 0;
  for (const auto& row : Draw(2000, 2)) {
    squares += std::pow(cloud->Distance(row), 2) / 2000;
  }
  EXPECT_NEAR(squares, 1, 0.1);
}

TEST(FeatureCloudTest, KnowsWhatGoesTogether) {
  const auto cloud = Fit(Draw(2000, 1));
  ASSERT_THAT(cloud, IsOk());
  // Both are one deviation away in each feature; in the second they part.
  const double together = cloud->Distance(std::vector<float>{11, 6, 1000});
  const double apart = cloud->Distance(std::vector<float>{11, 4, 1000});
  EXPECT_LT(together, 1);
  EXPECT_GT(apart, 5 * together);
  const double far = cloud->Distance(std::vector<float>{10, 5, 2000});  // ten deviations
  EXPECT_NEAR(far, 10 / std::sqrt(3), 0.5);
}

TEST(FeatureCloudTest, FewImagesAndConstantFeaturesAreNoTrouble) {
  const auto cloud = Fit({{1, 2, 3, 4}, {2, 2, 1, 4}, {3, 2, 2, 4}});
  ASSERT_THAT(cloud, IsOk());
  EXPECT_TRUE(std::isfinite(cloud->Distance(std::vector<float>{2, 2, 2, 4})));
  EXPECT_GT(cloud->Distance(std::vector<float>{2, 3, 2, 4}), 1000);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(cloud->Distance(std::vector<float>{nan, 2, 2, 4}),
            std::numeric_limits<double>::infinity());
}

TEST(FeatureCloudTest, RefusesWhatCannotBeFitted) {
  EXPECT_THAT(Fit({{1, 2}}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at least 2 images")));
  EXPECT_THAT(Fit({{1, 2}, {1}}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("has 1 features")));
  EXPECT_THAT(Fit({{1, 2}, {1, std::numeric_limits<float>::infinity()}}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not finite")));
}

TEST(PercentileTest, IsLinearBetweenQuantiles) {
  const std::vector<double> quantiles = {1, 2, 4};  // 0, 50, 100 %
  EXPECT_EQ(PercentileOf(0.5, quantiles), 0);
  EXPECT_DOUBLE_EQ(PercentileOf(1.5, quantiles), 0.25);
  EXPECT_DOUBLE_EQ(PercentileOf(3, quantiles), 0.75);
  EXPECT_EQ(PercentileOf(5, quantiles), 1);
  EXPECT_EQ(PercentileOf(std::numeric_limits<double>::infinity(), quantiles), 1);
}

}  // namespace
}  // namespace lingula
