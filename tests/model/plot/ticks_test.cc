#include "model/plot/ticks.h"

#include <gmock/gmock.h>

namespace lingula {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pointwise;

TEST(TicksTest, RoundNumbersInsideTheRange) {
  EXPECT_THAT(TicksIn({0, 1}, 5).labels, ElementsAre("0.0", "0.2", "0.4", "0.6", "0.8", "1.0"));
  EXPECT_THAT(TicksIn({0.801, 0.849}, 5).labels, ElementsAre("0.81", "0.82", "0.83", "0.84"));
  EXPECT_THAT(TicksIn({-3, 3}, 6).labels, ElementsAre("-3", "-2", "-1", "0", "1", "2", "3"));
  EXPECT_THAT(TicksIn({0, 5710}, 6).labels,
              ElementsAre("0", "1000", "2000", "3000", "4000", "5000"));
  EXPECT_THAT(TicksIn({1, 30}, 6).at, Pointwise(DoubleNear(1e-9), {5, 10, 15, 20, 25, 30}));
}

TEST(TicksTest, VeryLargeAndVerySmall) {
  EXPECT_THAT(TicksIn({0, 2e9}, 4).labels, ElementsAre("0", "5e+08", "1e+09", "1.5e+09", "2e+09"));
  EXPECT_THAT(TicksIn({0, 3e-8}, 3).labels, ElementsAre("0.00000000", "1e-08", "2e-08", "3e-08"));
}

TEST(TicksTest, EndsThatAreRoundStay) {
  for (const double step : {0.1, 0.2, 0.5, 1.0, 20.0}) {
    const AxisRange range{-2 * step, 3 * step};
    const AxisRange widened = WidenToTicks(range, 5);
    EXPECT_NEAR(widened.low, range.low, 1e-12 * step);
    EXPECT_NEAR(widened.high, range.high, 1e-12 * step);
    EXPECT_EQ(TicksIn(range, 5).at.size(), 6U);
  }
}

TEST(TicksTest, WidensToTheNextTick) {
  const AxisRange widened = WidenToTicks({0.727, 0.861}, 7);
  EXPECT_NEAR(widened.low, 0.72, 1e-12);
  EXPECT_NEAR(widened.high, 0.88, 1e-12);
}

}  // namespace
}  // namespace lingula
