#include "model/cluster/silhouette.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace lingula {
namespace {

double Of(const std::vector<float>& points, const std::vector<int32_t>& labels,
          size_t most = 2000) {
  return MeanSilhouette(Rows<float>(points, 1), labels, most);
}

// By hand: points 0, 1 | 5, 8. a = 1, 1, 3, 3; b = 6.5, 5.5, 4.5, 7.5.
TEST(SilhouetteTest, IsTheMeanOverPoints) {
  const double expected = (5.5 / 6.5 + 4.5 / 5.5 + 1.5 / 4.5 + 4.5 / 7.5) / 4;
  EXPECT_NEAR(Of({0, 1, 5, 8}, {0, 0, 1, 1}), expected, 1e-12);
  EXPECT_NEAR(Of({0, 1, 100, 5, 8}, {0, 0, -1, 2, 2}), expected, 1e-12);  // noise, a gap in names
}

TEST(SilhouetteTest, LonePointsCountAsZero) {
  // 0, 1 | 5: a = 1, b = 5 and 4; the lone one has 0.
  EXPECT_NEAR(Of({0, 1, 5}, {0, 0, 1}), (0.8 + 0.75 + 0) / 3, 1e-12);
}

TEST(SilhouetteTest, OneClusterHasNone) {
  EXPECT_TRUE(std::isnan(Of({0, 1, 5}, {0, 0, 0})));
  EXPECT_TRUE(std::isnan(Of({0, 1, 5}, {-1, -1, -1})));
}

TEST(SilhouetteTest, TakesEveryKthOfMany) {
  // Of eight points every other one: 0, 1 | 5, 8.
  EXPECT_NEAR(Of({0, 9, 1, 9, 5, 0, 8, 0}, {0, 0, 0, 0, 1, 1, 1, 1}, 4),
              Of({0, 1, 5, 8}, {0, 0, 1, 1}), 1e-12);
}

TEST(SilhouetteTest, EqualPointsAreNoDivisionByZero) {
  EXPECT_EQ(Of({2, 2, 2, 2}, {0, 0, 1, 1}), 0);
}

}  // namespace
}  // namespace lingula
