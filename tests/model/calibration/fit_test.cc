#include "model/calibration/fit_dice_map.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <vector>

#include <gmock/gmock.h>

#include "model/calibration/cholesky.h"
#include "model/calibration/isotonic.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(CholeskyTest, FactorsAndSolvesByHand) {
  // [[4, 2], [2, 5]] = L L^T with L = [[2, 0], [1, 2]].
  const auto lower = Cholesky({4, 99, 2, 5}, 2);  // the upper half is not read
  ASSERT_THAT(lower, IsOk());
  EXPECT_THAT(*lower, ElementsAre(2, 0, 1, 2));
  EXPECT_THAT(InvertLower(*lower, 2), ElementsAre(0.5, 0, -0.25, 0.5));
  const auto x = SolveSymmetric({4, 2, 2, 5}, {8, 12});
  ASSERT_THAT(x, IsOk());
  EXPECT_THAT(*x, ElementsAre(testing::DoubleEq(1), testing::DoubleEq(2)));
  EXPECT_THAT(Cholesky({1, 2, 2, 4}, 2).status(), StatusIs(absl::StatusCode::kInvalidArgument));
}

double AbsoluteError(const std::vector<double>& fitted,
                     const std::vector<std::vector<double>>& groups) {
  double error = 0;
  for (size_t i = 0; i < groups.size(); ++i) {
    for (const double value : groups[i]) {
      error += std::abs(value - fitted[i]);
    }
  }
  return error;
}

// Best monotone values by trying every one that occurs, group after group.
double LeastError(const std::vector<std::vector<double>>& groups) {
  std::set<double> levels;
  for (const auto& group : groups) {
    levels.insert(group.begin(), group.end());
  }
  std::vector<double> best(levels.size(), 0);  // with the last group at this level
  for (const auto& group : groups) {
    double least = std::numeric_limits<double>::infinity();
    size_t i = 0;
    for (const double level : levels) {
      least = std::min(least, best[i]);
      best[i++] = least + AbsoluteError({level}, {group});
    }
  }
  return *std::min_element(best.begin(), best.end());
}

TEST(IsotonicTest, ByHand) {
  EXPECT_THAT(IsotonicMedians({{1}, {3}, {2}, {4}}), ElementsAre(1, 2, 2, 4));
  EXPECT_THAT(IsotonicMedians({{5}, {4}, {3}}), ElementsAre(4, 4, 4));
  EXPECT_THAT(IsotonicMedians({{1, 9, 2}, {3}}), ElementsAre(2, 3));
}

TEST(IsotonicTest, EqualsTheBestByBruteForce) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::vector<double>> groups(1 + random() % 8);
    for (auto& group : groups) {
      group.resize(1 + random() % 4);
      for (double& value : group) {
        value = static_cast<double>(random() % 10);
      }
    }
    const std::vector<double> fitted = IsotonicMedians(groups);
    ASSERT_EQ(fitted.size(), groups.size());
    EXPECT_TRUE(std::is_sorted(fitted.begin(), fitted.end()));
    EXPECT_DOUBLE_EQ(AbsoluteError(fitted, groups), LeastError(groups)) << round;
  }
}

TEST(SplitGroupsTest, GroupsStayWholeAndPartsEven) {
  const std::vector<int> groups = {0, 0, 1, 2, 2, 2, 3, 4, 5, 0};
  const std::vector<int> parts = SplitGroups(groups, 2, 1);
  ASSERT_EQ(parts.size(), groups.size());
  std::set<std::pair<int, int>> pairs;
  for (size_t i = 0; i < groups.size(); ++i) {
    pairs.emplace(groups[i], parts[i]);
  }
  EXPECT_EQ(pairs.size(), 6U);  // each group in one part
  int first = 0;
  for (const auto& [group, part] : pairs) {
    first += part == 0 ? 1 : 0;
  }
  EXPECT_EQ(first, 3);
  EXPECT_EQ(SplitGroups(groups, 2, 1), parts);
}

// Masks whose Dice follows `dice(soft Dice, log area)` with noise.
template <typename Law>
std::vector<JudgedMask> MakeMasks(size_t count, double noise, uint64_t seed, const Law& law) {
  std::mt19937_64 random(seed);
  const auto draw = [&] { return static_cast<double>(random() % 100000) / 100000; };
  std::vector<JudgedMask> masks(count);
  for (size_t i = 0; i < count; ++i) {
    double& soft = masks[i].terms[static_cast<size_t>(TrustTerm::kSoftDice)];
    double& area = masks[i].terms[static_cast<size_t>(TrustTerm::kLogArea)];
    soft = draw();
    area = -4 * draw();
    masks[i].dice = std::clamp(law(soft, area) + noise * (draw() - 0.5), 0.0, 1.0);
    masks[i].group = static_cast<int>(i);
  }
  return masks;
}

TEST(FitDiceMapTest, KeepsTheSimplestThatDoes) {
  const auto masks = MakeMasks(400, 0.1, 1, [](double soft, double) { return soft * soft; });
  const auto fitted = FitDiceMap(masks, 0.9, 1);
  ASSERT_THAT(fitted, IsOk());
  ASSERT_EQ(fitted->candidates.size(), 4U);
  EXPECT_TRUE(fitted->candidates[0].chosen);
  EXPECT_EQ(fitted->map.terms.size(), 1U);
  EXPECT_LT(fitted->candidates[0].error, 0.04);
  EXPECT_GT(fitted->candidates[0].rank_correlation, 0.95);
  TrustTerms terms{};
  terms[static_cast<size_t>(TrustTerm::kSoftDice)] = 0.7;
  EXPECT_NEAR(fitted->map.Expect(terms).dice, 0.49, 0.05);
}

TEST(FitDiceMapTest, TakesTheAreaWhereItMatters) {
  const auto masks =
      MakeMasks(400, 0.1, 2, [](double soft, double area) { return 0.4 * soft + 0.5 + area / 8; });
  const auto fitted = FitDiceMap(masks, 0.9, 1);
  ASSERT_THAT(fitted, IsOk());
  EXPECT_TRUE(fitted->candidates[1].chosen);
  EXPECT_LT(fitted->candidates[1].error, 0.6 * fitted->candidates[0].error);
  EXPECT_EQ(fitted->cross_fitted.size(), masks.size());
}

TEST(FitDiceMapTest, RefusesWhatCannotBeFitted) {
  const auto law = [](double soft, double) { return soft; };
  EXPECT_THAT(FitDiceMap(MakeMasks(19, 0, 1, law), 0.9, 0).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at least 20")));
  auto masks = MakeMasks(60, 0, 1, law);
  masks[3].terms[0] = std::nan("");
  EXPECT_THAT(FitDiceMap(masks, 0.9, 0).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not finite")));
  auto one_group = MakeMasks(60, 0, 1, law);
  for (JudgedMask& mask : one_group) {
    mask.group = 1;
  }
  EXPECT_THAT(FitDiceMap(one_group, 0.9, 0).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("one group")));
}

// A noise that grows as expectations fall: intervals of one width would hold too few low ones.
TEST(ConformalTest, HoldsWhatItPromisesEverywhere) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  const auto draw = [&](size_t count, std::vector<double>& expected, std::vector<double>& dice) {
    for (size_t i = 0; i < count; ++i) {
      expected.push_back(static_cast<double>(random() % 10000) / 10000);
      dice.push_back(
          std::clamp(expected.back() + 0.3 * (1.1 - expected.back()) * normal(random), 0.0, 1.0));
    }
  };
  std::vector<double> expected, dice, new_expected, new_dice;
  draw(2000, expected, dice);
  draw(8000, new_expected, new_dice);
  DiceMap map;
  map.intervals = ConformalIntervals(expected, dice, 0.9);
  ASSERT_EQ(map.intervals.size(), 5U);
  EXPECT_EQ(map.intervals.back().up_to, 1);
  EXPECT_GT(map.intervals.front().above, 2 * map.intervals.back().below);
  double held = 0, low = 0, low_held = 0;
  for (size_t i = 0; i < new_dice.size(); ++i) {
    const DiceMap::Expected around = map.Around(new_expected[i]);
    const bool inside = new_dice[i] >= around.low && new_dice[i] <= around.high;
    held += inside ? 1 : 0;
    low += new_expected[i] < 0.2 ? 1 : 0;
    low_held += inside && new_expected[i] < 0.2 ? 1 : 0;
  }
  EXPECT_NEAR(held / 8000, 0.9, 0.02);
  EXPECT_NEAR(low_held / low, 0.9, 0.05);
}

TEST(ConformalTest, FewResidualsByHand) {
  // 19 residuals -0.9 ... 0.9: of 20 places 1 and 19 leave out 5 % on each side.
  std::vector<double> expected, dice;
  for (int i = -9; i <= 9; ++i) {
    expected.push_back(0.5 + i * 1e-3);
    dice.push_back(expected.back() + i / 10.0);
  }
  const auto intervals = ConformalIntervals(expected, dice, 0.9);
  ASSERT_EQ(intervals.size(), 1U);
  EXPECT_NEAR(intervals[0].below, 0.9, 1e-12);
  EXPECT_NEAR(intervals[0].above, 0.9, 1e-12);
  // With 10 nothing can be left out: the interval is all there is.
  expected.resize(10);
  dice.resize(10);
  const auto all = ConformalIntervals(expected, dice, 0.9);
  EXPECT_EQ(all[0].below, 1);
  EXPECT_EQ(all[0].above, 1);
}

TEST(DiceMapTest, IsLinearBetweenPointsAndConstantBeyond) {
  DiceMap map;
  map.points = {{1, 0.2}, {3, 0.6}};
  EXPECT_DOUBLE_EQ(map.DiceAt(0), 0.2);
  EXPECT_DOUBLE_EQ(map.DiceAt(2), 0.4);
  EXPECT_DOUBLE_EQ(map.DiceAt(3), 0.6);
  EXPECT_DOUBLE_EQ(map.DiceAt(9), 0.6);
  map.intervals = {{0.3, 0.5, 0.1}, {1, 0.1, 0.5}};
  EXPECT_DOUBLE_EQ(map.Around(0.3).low, 0);  // cut at 0
  EXPECT_DOUBLE_EQ(map.Around(0.3).high, 0.4);
  EXPECT_DOUBLE_EQ(map.Around(0.31).low, 0.21);
  EXPECT_DOUBLE_EQ(map.Around(0.6).high, 1);
}

}  // namespace
}  // namespace lingula
