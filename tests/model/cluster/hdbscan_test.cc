#include "model/cluster/hdbscan.h"

#include <algorithm>
#include <vector>

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::DoubleEq;
using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

HdbscanOptions Options(int min_cluster_size, int min_samples) {
  HdbscanOptions options;
  options.min_cluster_size = min_cluster_size;
  options.min_samples = min_samples;
  return options;
}

HdbscanResult Found(const std::vector<double>& line, const HdbscanOptions& options) {
  const auto result = Hdbscan(Rows<double>(line, 1), options);
  EXPECT_THAT(result, IsOk());
  return result.value_or(HdbscanResult());
}

// Two groups of three that stand close, and a third far away. The close two leave their common
// cluster at distance 1.5; all end at distance 1.
const std::vector<double>& Line() {
  static const auto& kLine = *new std::vector<double>{0, 1, 2, 3.5, 4.5, 5.5, 100, 101, 102};
  return kLine;
}

TEST(HdbscanTest, FindsGroupsAndNoise) {
  const HdbscanResult found = Found({0, 1, 2, 1000, 100, 101, 102, 104}, Options(3, 1));
  EXPECT_THAT(found.labels, ElementsAre(0, 0, 0, -1, 1, 1, 1, 1));
  EXPECT_THAT(found.probabilities, ElementsAre(1, 1, 1, 0, 1, 1, 1, 0.5));
}

TEST(HdbscanTest, ExcessOfMassPrefersTheStableClusterAndLeafTheSmall) {
  HdbscanOptions options = Options(3, 1);
  EXPECT_THAT(Found(Line(), options).labels, ElementsAre(0, 0, 0, 0, 0, 0, 1, 1, 1));
  // The common cluster ends at distance 1.5, so every point stays to its end.
  EXPECT_THAT(Found(Line(), options).probabilities, Each(DoubleEq(1)));
  options.selection = ClusterSelection::kLeaf;
  EXPECT_THAT(Found(Line(), options).labels, ElementsAre(1, 1, 1, 2, 2, 2, 0, 0, 0));
}

TEST(HdbscanTest, MaxClusterSizeSplitsWhatIsTooLarge) {
  HdbscanOptions options = Options(3, 1);
  options.max_cluster_size = 5;
  EXPECT_THAT(Found(Line(), options).labels, ElementsAre(1, 1, 1, 2, 2, 2, 0, 0, 0));
  options.max_cluster_size = 6;
  EXPECT_THAT(Found(Line(), options).labels, ElementsAre(0, 0, 0, 0, 0, 0, 1, 1, 1));
}

TEST(HdbscanTest, EpsilonJoinsWhatStandsCloser) {
  HdbscanOptions options = Options(3, 1);
  options.selection = ClusterSelection::kLeaf;
  options.cluster_selection_epsilon = 1.4;
  EXPECT_THAT(Found(Line(), options).labels, ElementsAre(1, 1, 1, 2, 2, 2, 0, 0, 0));
  options.cluster_selection_epsilon = 1.6;
  EXPECT_THAT(Found(Line(), options).labels, ElementsAre(0, 0, 0, 0, 0, 0, 1, 1, 1));
  // Beyond the distance of all: the clusters nearest to the root remain, or the root.
  options.cluster_selection_epsilon = 200;
  EXPECT_THAT(Found(Line(), options).labels, ElementsAre(0, 0, 0, 0, 0, 0, 1, 1, 1));
  options.allow_single_cluster = true;
  EXPECT_THAT(Found(Line(), options).labels, Each(0));
}

// Half the distances, the same tree: only epsilon notices.
TEST(HdbscanTest, AlphaDividesDistances) {
  HdbscanOptions options = Options(3, 1);
  options.alpha = 2;
  options.selection = ClusterSelection::kLeaf;
  options.cluster_selection_epsilon = 0.7;
  EXPECT_THAT(Found(Line(), options).labels, ElementsAre(1, 1, 1, 2, 2, 2, 0, 0, 0));
  options.cluster_selection_epsilon = 0.8;
  EXPECT_THAT(Found(Line(), options).labels, ElementsAre(0, 0, 0, 0, 0, 0, 1, 1, 1));
}

TEST(HdbscanTest, OneGroupIsNoiseUnlessASingleClusterIsAllowed) {
  const std::vector<double> line = {0, 1, 2, 3, 50};
  HdbscanOptions options = Options(3, 1);
  EXPECT_THAT(Found(line, options).labels, Each(-1));
  EXPECT_THAT(Found(line, options).probabilities, Each(0));
  options.allow_single_cluster = true;
  EXPECT_THAT(Found(line, options).labels, ElementsAre(0, 0, 0, 0, -1));
  options.cluster_selection_epsilon = 60;
  EXPECT_THAT(Found(line, options).labels, Each(0));
  EXPECT_NEAR(Found(line, options).probabilities[4], 1.0 / 47, 1e-12);
}

TEST(HdbscanTest, CoincidingPoints) {
  const HdbscanResult found = Found({5, 5, 5, 5, 9, 9, 9, 9.5, 20}, Options(3, 1));
  EXPECT_THAT(found.labels, ElementsAre(0, 0, 0, 0, 1, 1, 1, 1, -1));
  // Nothing is as dense as the same place: what is farther than 0 has no strength.
  EXPECT_THAT(found.probabilities, ElementsAre(1, 1, 1, 1, 1, 1, 1, 0, 0));
}

// A grid of two densities in the plane, read in another order and precision.
TEST(HdbscanTest, OrderAndPrecisionChangeNamesAtMost) {
  std::vector<float> points;
  for (int i = 0; i < 20; ++i) {
    const auto t = static_cast<float>(i);
    points.insert(points.end(), {t * (1 + 0.01F * t), 0.5F * t});
    points.insert(points.end(), {60 + 0.2F * t * (1 + 0.01F * t), 3});
  }
  const auto first = Hdbscan(Rows<float>(points, 2), Options(5, 3));
  std::vector<double> other(points.rbegin(), points.rend());  // also swaps x and y
  const auto second = Hdbscan(Rows<double>(other, 2), Options(5, 3));
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  std::vector<int32_t> turned(second->labels.rbegin(), second->labels.rend());
  const int32_t name = turned[0];
  ASSERT_GE(name, 0);
  for (size_t i = 0; i < turned.size(); ++i) {
    EXPECT_EQ(turned[i] == name, first->labels[i] == first->labels[0]) << i;
    EXPECT_NEAR(second->probabilities[turned.size() - 1 - i], first->probabilities[i], 1e-5);
  }
}

TEST(HdbscanTest, RefusesWhatMakesNoSense) {
  const std::vector<double> line = {0, 1, 2};
  const Rows<double> points(line, 1);
  const auto refused = [&](const HdbscanOptions& options) {
    return Hdbscan(points, options).status();
  };
  EXPECT_THAT(refused(Options(1, 1)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("min_cluster_size is 1")));
  EXPECT_THAT(refused(Options(5, 0)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("min_samples is 5"), HasSubstr("3 points"))));
  HdbscanOptions options = Options(2, 1);
  options.alpha = 0;
  EXPECT_THAT(refused(options), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("alpha")));
  const std::vector<double> bad = {0, 1, HUGE_VAL};
  EXPECT_THAT(Hdbscan(Rows<double>(bad, 1), Options(2, 1)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not a finite number")));
  EXPECT_THAT(Found({4}, Options(2, 1)).labels, ElementsAre(-1));
}

}  // namespace
}  // namespace lingula
