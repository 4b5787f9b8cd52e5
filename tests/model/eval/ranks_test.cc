#include "model/eval/ranks.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>

namespace lingula {
namespace {

using testing::ElementsAre;
using Values = std::vector<double>;

TEST(QuantileTest, IsLinearBetweenNeighbours) {
  const Values values = {4, 1, 3, 2};
  EXPECT_DOUBLE_EQ(Quantile(values, 0), 1);
  EXPECT_DOUBLE_EQ(Quantile(values, 1), 4);
  EXPECT_DOUBLE_EQ(Quantile(values, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(Quantile(values, 0.95), 3.85);
  EXPECT_DOUBLE_EQ(Quantile({7}, 0.3), 7);
  EXPECT_TRUE(std::isnan(Quantile({}, 0.5)));
}

TEST(RanksTest, TiesShareTheirMean) {
  EXPECT_THAT(Ranks(Values{10, 30, 10, 20, 10}), ElementsAre(2, 5, 2, 4, 2));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(Ranks(Values{nan, 1, nan}).size(), 3U);  // ends
}

TEST(RankCorrelationTest, ByHand) {
  EXPECT_DOUBLE_EQ(RankCorrelation(Values{1, 2, 3}, Values{10, 100, 1000}), 1);
  EXPECT_DOUBLE_EQ(RankCorrelation(Values{1, 2, 3}, Values{3, 2, 1}), -1);
  // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5).
  EXPECT_DOUBLE_EQ(RankCorrelation(Values{1, 5, 5, 9}, Values{1, 2, 3, 4}),
                   4.5 / std::sqrt(4.5 * 5));
  EXPECT_TRUE(std::isnan(RankCorrelation(Values{1, 1, 1}, Values{1, 2, 3})));
  EXPECT_TRUE(std::isnan(RankCorrelation(Values{}, Values{})));
}

TEST(AurocTest, ByCountingPairs) {
  EXPECT_DOUBLE_EQ(Auroc(Values{2, 3}, Values{0, 1}), 1);
  EXPECT_DOUBLE_EQ(Auroc(Values{0, 1}, Values{2, 3}), 0);
  // Pairs (3 > 1, 3 > 2, 2 > 1, 2 = 2): 3.5 of 4.
  EXPECT_DOUBLE_EQ(Auroc(Values{3, 2}, Values{1, 2}), 3.5 / 4);
  EXPECT_DOUBLE_EQ(Auroc(Values{1, 1}, Values{1, 1, 1}), 0.5);
  EXPECT_TRUE(std::isnan(Auroc(Values{}, Values{1})));
  EXPECT_TRUE(std::isnan(Auroc(Values{1}, Values{})));
}

}  // namespace
}  // namespace lingula
