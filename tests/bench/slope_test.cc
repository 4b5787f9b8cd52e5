#include "tests/bench/slope.h"

#include <cmath>

#include <gmock/gmock.h>

namespace lingula::bench {
namespace {

TEST(FitSlope, OfALineIsItsOwn) {
  const Slope slope = FitSlope({{0, 1}, {10, 3}, {20, 5}, {40, 9}});
  EXPECT_DOUBLE_EQ(slope.per_second, 0.2);
  EXPECT_NEAR(slope.error, 0, 1e-12);
}

TEST(FitSlope, HasTheErrorOfTheTextbook) {
  // Residuals of 0, 1, 0 about the line through the ends: slope 0, sum of squares about it 2/3,
  // one degree of freedom, sum of squares of the times 2.
  const Slope slope = FitSlope({{0, 0}, {1, 1}, {2, 0}});
  EXPECT_DOUBLE_EQ(slope.per_second, 0);
  EXPECT_DOUBLE_EQ(slope.error, std::sqrt(2.0 / 3 / 1 / 2));
}

TEST(FitSlope, NeedsThreeMoments) {
  EXPECT_TRUE(std::isinf(FitSlope({}).error));
  EXPECT_TRUE(std::isinf(FitSlope({{0, 1}, {1, 2}}).error));
  EXPECT_TRUE(std::isinf(FitSlope({{1, 1}, {1, 2}, {1, 3}}).error));
  EXPECT_EQ(FitSlope({{0, 1}, {1, 2}}).per_second, 0);
}

}  // namespace
}  // namespace lingula::bench
