#include "model/calibration/presence.h"

#include <cmath>
#include <random>

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

// Largest probabilities drawn evenly; something is there as often as `truth` says.
std::vector<JudgedPicture> Draw(int count, const PresenceMap& truth) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> even(0.01, 0.99);
  std::vector<JudgedPicture> pictures;
  for (int i = 0; i < count; ++i) {
    const double p = even(random);
    pictures.push_back({p, even(random) < truth.At(p), i});
  }
  return pictures;
}

TEST(PresenceTest, FindsTheMapThatMadeThePictures) {
  const auto fitted = FitPresence(Draw(4000, {1, 2}), 1);
  ASSERT_THAT(fitted, IsOk());
  EXPECT_NEAR(fitted->map.offset, 1, 0.25);
  EXPECT_NEAR(fitted->map.slope, 2, 0.25);
  EXPECT_LT(fitted->brier, fitted->brier_before);
  EXPECT_GT(fitted->auroc, 0.8);
  EXPECT_EQ(fitted->cross_fitted.size(), 4000U);
}

TEST(PresenceTest, NeverFallsAndStaysBetween0And1) {
  const PresenceMap map{0.5, 1.5};
  double before = 0;
  for (const double p : {0.0, 0.1, 0.5, 0.9, 1.0}) {
    EXPECT_GT(map.At(p), before);
    EXPECT_LT(map.At(p), 1);
    before = map.At(p);
  }
}

TEST(PresenceTest, APerfectSeparationHasAFiniteSlope) {
  std::vector<JudgedPicture> pictures;
  for (int i = 0; i < 40; ++i) {
    pictures.push_back({i % 2 == 0 ? 0.9 : 0.1, i % 2 == 0, i});
  }
  const auto fitted = FitPresence(pictures, 1);
  ASSERT_THAT(fitted, IsOk());
  EXPECT_TRUE(std::isfinite(fitted->map.slope));
  EXPECT_GT(fitted->map.At(0.9), 0.8);
  EXPECT_EQ(fitted->auroc, 1);
}

TEST(PresenceTest, WhatCannotBeCalibratedIsRefused) {
  std::vector<JudgedPicture> pictures(100, {0.5, true, 0});
  EXPECT_THAT(FitPresence(pictures, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("got 100 and 0")));
  for (int i = 0; i < 100; ++i) {
    pictures[i] = {i < 50 ? 0.1 : 0.9, i < 50, i};
  }
  EXPECT_THAT(FitPresence(pictures, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no higher")));
}

}  // namespace
}  // namespace lingula
