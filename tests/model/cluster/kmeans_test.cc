#include "model/cluster/kmeans.h"

#include <limits>
#include <set>
#include <vector>

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

// On a line.
KMeansResult Found(const std::vector<double>& points, const std::vector<double>& start,
                   const KMeansOptions& options = {}) {
  const auto result = KMeans(Rows<double>(points, 1), Rows<double>(start, 1), options);
  EXPECT_THAT(result, IsOk());
  return result.value_or(KMeansResult());
}

TEST(KMeansTest, ByHand) {
  const KMeansResult found = Found({0, 1, 10, 11}, {0, 1});
  EXPECT_THAT(found.labels, ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(found.centres, ElementsAre(0.5, 10.5));
  EXPECT_DOUBLE_EQ(found.inertia, 1);
  EXPECT_EQ(found.iterations, 3);  // 0 | 1 10 11, then 0 1 | 10 11, then no change
}

TEST(KMeansTest, TheLowerNumberTakesATie) {
  KMeansOptions options;
  options.max_iterations = 1;
  EXPECT_THAT(Found({0, 5, 10}, {0, 10}, options).labels, ElementsAre(0, 0, 1));
}

// The labels are those of the centres even when time runs out: after one step the centres are 0
// and 22 / 3.
TEST(KMeansTest, LabelsBelongToTheCentresWhenTimeRunsOut) {
  KMeansOptions options;
  options.max_iterations = 1;
  const KMeansResult found = Found({0, 1, 10, 11}, {0, 1}, options);
  EXPECT_THAT(found.centres, ElementsAre(0, DoubleNear(22.0 / 3, 1e-12)));
  EXPECT_THAT(found.labels, ElementsAre(0, 0, 1, 1));
  EXPECT_EQ(found.iterations, 1);
}

TEST(KMeansTest, ALargeToleranceStopsEarly) {
  KMeansOptions options;
  options.tolerance = 10;
  EXPECT_EQ(Found({0, 1, 10, 11}, {0, 1}, options).iterations, 1);
}

TEST(KMeansTest, AnEmptyClusterMovesToTheFarthestPoint) {
  KMeansOptions options;
  options.max_iterations = 1;
  const KMeansResult one_step = Found({0, 1, 2, 10}, {1, 100}, options);
  EXPECT_THAT(one_step.centres, ElementsAre(1, 10));  // 10 has left the mean of the others
  EXPECT_THAT(Found({0, 1, 2, 10}, {1, 100}).labels, ElementsAre(0, 0, 0, 1));
  // Two empty clusters: the farthest point goes to the first of them.
  EXPECT_THAT(Found({0, 0.5, 1, 6, 10}, {0, 100, 200}).centres,
              ElementsAre(DoubleNear(0.5, 1e-12), 10, 6));
}

TEST(KMeansTest, MoreClustersThanDifferentPoints) {
  const KMeansResult found = Found({4, 4, 4}, {4, 9});
  EXPECT_THAT(found.labels, Each(0));
  EXPECT_THAT(found.centres, ElementsAre(4, 4));
  EXPECT_EQ(found.inertia, 0);
}

TEST(KMeansTest, FloatAndDoubleAgree) {
  const std::vector<float> points = {0, 0, 1, 0.5F, 0.5F, 1, 9, 9, 8, 9.5F, 9, 8};
  const std::vector<float> start(points.begin(), points.begin() + 4);
  const std::vector<double> wide_points(points.begin(), points.end());
  const std::vector<double> wide_start(start.begin(), start.end());
  const auto narrow = KMeans(Rows<float>(points, 2), Rows<float>(start, 2));
  const auto wide = KMeans(Rows<double>(wide_points, 2), Rows<double>(wide_start, 2));
  ASSERT_THAT(narrow, IsOk());
  ASSERT_THAT(wide, IsOk());
  EXPECT_EQ(narrow->labels, wide->labels);
  EXPECT_EQ(narrow->centres, wide->centres);
  EXPECT_THAT(narrow->labels, ElementsAre(0, 0, 0, 1, 1, 1));
}

TEST(KMeansTest, RefusesWhatMakesNoSense) {
  const std::vector<double> points = {0, 1, 2, 3};
  const auto refused = [&](const std::vector<double>& start, size_t width) {
    return KMeans(Rows<double>(points, 2), Rows<double>(start, width)).status();
  };
  EXPECT_THAT(refused({1, 2, 3}, 3),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("points have 2"), HasSubstr("centres 3"))));
  EXPECT_THAT(refused({1, 2, 3, 4, 5, 6}, 2),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("2 points for 3 clusters")));
  EXPECT_THAT(refused({}, 2), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(refused({1, std::numeric_limits<double>::quiet_NaN()}, 2),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not a finite number")));
}

// Five places far apart, four points at each.
std::vector<double> FivePlaces() {
  std::vector<double> points;
  for (int i = 0; i < 20; ++i) {
    points.push_back(1000.0 * (i % 5) + 0.1 * i);
  }
  return points;
}

TEST(SeedCentresTest, TakesOnePointOfEachPlaceWhateverTheSeed) {
  const std::vector<double> points = FivePlaces();
  std::set<std::vector<double>> different;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto centres = SeedCentres(Rows<double>(points, 1), 5, seed);
    ASSERT_THAT(centres, IsOk());
    std::set<int> places;
    for (const double centre : *centres) {
      places.insert(static_cast<int>(centre / 1000));
    }
    EXPECT_EQ(places.size(), 5) << seed;
    EXPECT_EQ(*SeedCentres(Rows<double>(points, 1), 5, seed), *centres);
    different.insert(*centres);
  }
  EXPECT_GT(different.size(), 10);
}

TEST(SeedCentresTest, CoincidingPointsAndTooFew) {
  const std::vector<double> points = {7, 7, 7};
  const auto centres = SeedCentres(Rows<double>(points, 1), 3, 1);
  ASSERT_THAT(centres, IsOk());
  EXPECT_THAT(*centres, ElementsAre(7, 7, 7));
  for (const int clusters : {0, 4}) {
    EXPECT_THAT(SeedCentres(Rows<double>(points, 1), clusters, 1),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("3 points")));
  }
}

}  // namespace
}  // namespace lingula
