#include "server/batching/cost_curve.h"

#include <cmath>
#include <random>

#include <gmock/gmock.h>

namespace lingula {
namespace {

using namespace std::chrono_literals;  // NOLINT

TEST(CostCurve, KnowsNothingAtFirst) {
  const CostCurve costs(8);
  EXPECT_EQ(costs.Expected(8), 0us);
  EXPECT_EQ(costs.BestSize(), 8) << "until it is known better";
}

TEST(CostCurve, FillsGapsAndGoesOnInProportion) {
  CostCurve costs(8);
  costs.Learn({2, 20us});
  costs.Learn({4, 30us});
  EXPECT_EQ(costs.Expected(1), 20us) << "no less is known of it";
  EXPECT_EQ(costs.Expected(3), 25us);
  EXPECT_EQ(costs.Expected(8), 60us);
  EXPECT_EQ(costs.BestSize(), 8) << "not tried yet";
  costs.Learn({8, 90us});
  EXPECT_EQ(costs.BestSize(), 4);
}

TEST(CostCurve, TheLargestSizeIsTriedBeforeItIsJudged) {
  CostCurve costs(8);
  costs.Learn({1, 10us});
  costs.Learn({2, 100us});  // company looks bad
  EXPECT_EQ(costs.BestSize(), 8);
  costs.Learn({8, 400us});
  EXPECT_EQ(costs.BestSize(), 1);
}

TEST(CostCurve, StaysSoundThroughMillionsOfBatches) {
  CostCurve costs(4);
  std::mt19937 random(1);
  for (int i = 0; i < 1'000'000; ++i) {
    const int size = std::uniform_int_distribution<int>(1, 4)(random);
    const double noise = std::lognormal_distribution<double>(0, 1)(random);
    costs.Learn({size, std::chrono::microseconds(std::llround(100 * size * noise))});
    ASSERT_GE(costs.BestSize(), 1);
    ASSERT_LE(costs.BestSize(), 4);
  }
  EXPECT_GT(costs.Expected(4), 100us);
  EXPECT_LT(costs.Expected(4), 4000us);
}

struct Case {
  const char* name;
  std::vector<int> costs_us;  // by size from 1
  int best;
};

class BestSize : public testing::TestWithParam<Case> {};

TEST_P(BestSize, IsTheSmallestNearTheBestRate) {
  const auto& us = GetParam().costs_us;
  CostCurve costs(static_cast<int>(us.size()));
  for (size_t i = 0; i < us.size(); ++i) {
    costs.Learn({static_cast<int>(i) + 1, std::chrono::microseconds(us[i])});
  }
  EXPECT_EQ(costs.BestSize(), GetParam().best);
}

INSTANTIATE_TEST_SUITE_P(All, BestSize,
                         testing::Values(Case{"proportional", {100, 200, 300, 400}, 1},
                                         Case{"free_company", {100, 100, 100, 100}, 4},
                                         Case{"optimum_inside", {100, 150, 240, 380}, 2},
                                         Case{"flat_top", {100, 150, 200, 265}, 3}),
                         [](const auto& info) { return info.param.name; });

TEST(CostCurve, ASizeThatOnceLookedDearGetsAnotherChance) {
  CostCurve costs(8);
  for (const BatchCost& first : {BatchCost{1, 1000us}, {2, 1900us}, {4, 4000us}, {8, 9000us}}) {
    costs.Learn(first);
  }
  ASSERT_EQ(costs.BestSize(), 2);
  const auto truth = [](int size) { return size == 4 ? 3400us : size * 950us; };
  uint64_t batch = 0;
  while (costs.BestSize() != 4 && batch < 3000) {
    const int size = costs.SizeToTry(batch++);
    costs.Learn({size, truth(size)});
  }
  EXPECT_EQ(costs.BestSize(), 4);
  int others = 0;
  for (const uint64_t end = batch + 1600; batch < end; ++batch) {
    const int size = costs.SizeToTry(batch);
    others += size == 4 ? 0 : 1;
    costs.Learn({size, truth(size)});
  }
  EXPECT_EQ(costs.BestSize(), 4) << "and keeps its place";
  EXPECT_EQ(others, 100) << "one in 16";
}

TEST(CostCurve, ASlowerMachineIsSeenInAllSizes) {
  CostCurve costs(2);
  costs.Learn({1, 1000us});
  costs.Learn({2, 1500us});
  for (int i = 0; i < 20; ++i) {
    costs.Learn({2, 3000us});
  }
  EXPECT_NEAR(costs.Expected(2).count(), 3000, 100);
  EXPECT_NEAR(costs.Expected(1).count(), 2000, 700);
}

TEST(CostCurve, OneHiccupDoesNotRuleTheCurve) {
  CostCurve costs(1);
  costs.Learn({1, 1000us});
  costs.Learn({1, 1s});
  EXPECT_LT(costs.Expected(1), 2500us);
  for (int i = 0; i < 30; ++i) {
    costs.Learn({1, 1000us});
  }
  EXPECT_NEAR(costs.Expected(1).count(), 1000, 50);
}

TEST(CostCurve, TheBoundGrowsWithTheSpread) {
  CostCurve steady(1), wild(1);
  for (int i = 0; i < 100; ++i) {
    steady.Learn({1, 1000us});
    wild.Learn({1, i % 2 == 0 ? 700us : 1300us});
  }
  EXPECT_EQ(steady.Bound(1), 1000us);
  EXPECT_GT(wild.Bound(1), wild.Expected(1) + 300us);
}

}  // namespace
}  // namespace lingula
