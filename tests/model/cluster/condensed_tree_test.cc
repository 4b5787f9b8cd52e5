#include "model/cluster/condensed_tree.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gmock/gmock.h>

namespace lingula {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Points on a line.
std::vector<Merge> Linkage(const std::vector<double>& line, int min_samples) {
  return SingleLinkage(Rows<double>(line, 1), min_samples, 1);
}

TEST(SingleLinkageTest, MergesTheNearestFirst) {
  const std::vector<Merge> merges = Linkage({0, 10, 1, 13, 30}, 1);
  ASSERT_EQ(merges.size(), 4);
  std::vector<double> distances;
  std::vector<int32_t> sizes;
  for (const Merge& merge : merges) {
    distances.push_back(merge.distance);
    sizes.push_back(merge.size);
  }
  EXPECT_THAT(distances, ElementsAre(1, 3, 9, 17));
  EXPECT_THAT(sizes, ElementsAre(2, 2, 4, 5));
  EXPECT_THAT((std::vector<int32_t>{merges[2].left, merges[2].right}),
              testing::UnorderedElementsAre(5, 6));
}

// The second nearest neighbour, the point itself counted, lies at 1, 1, 4 and 20.
TEST(SingleLinkageTest, KeepsPointsInThinPlacesApart) {
  const std::vector<Merge> merges = Linkage({0, 1, 5, 25}, 2);
  std::vector<double> distances;
  for (const Merge& merge : merges) {
    distances.push_back(merge.distance);
  }
  EXPECT_THAT(distances, ElementsAre(1, 4, 20));
  EXPECT_DOUBLE_EQ(Linkage({0, 1, 5, 25}, 3)[0].distance, 5);
  const std::vector<double> line = {0, 1, 5, 25};
  EXPECT_DOUBLE_EQ(SingleLinkage(Rows<double>(line, 1), 3, 2)[0].distance, 2.5);
}

// Many equal distances, ascending and descending runs: enough to sort in parts.
TEST(SingleLinkageTest, ManyEqualDistancesStayInOrder) {
  std::vector<double> line;
  for (int i = 0; i < 300; ++i) {
    line.push_back((line.empty() ? 0 : line.back()) + 1 + i % 7 * (i % 2));
  }
  for (const bool backwards : {false, true}) {
    if (backwards) {
      std::reverse(line.begin(), line.end());
    }
    const std::vector<Merge> merges = Linkage(line, 1);
    ASSERT_EQ(merges.size(), 299);
    double total = 0;
    for (size_t i = 0; i < merges.size(); ++i) {
      EXPECT_GE(merges[i].distance, merges[i == 0 ? 0 : i - 1].distance) << i;
      total += merges[i].distance;
    }
    EXPECT_NEAR(total, std::abs(line.back() - line.front()), 1e-9);
    EXPECT_EQ(merges.back().size, 300);
  }
}

TEST(SingleLinkageTest, OnePointHasNothingToMerge) {
  EXPECT_THAT(Linkage({3}, 1), IsEmpty());
  EXPECT_THAT(Condense({}, 2), IsEmpty());
  EXPECT_THAT(ClustersOf({}, 1), IsEmpty());
}

// Two groups of three and a straggler.
TEST(CondensedTreeTest, SmallGroupsFallOut) {
  const std::vector<CondensedEdge> tree = Condense(Linkage({0, 1, 2, 10, 11, 12, 50}, 1), 3);
  const std::vector<CondensedCluster> clusters = ClustersOf(tree, 7);
  ASSERT_EQ(clusters.size(), 3);
  EXPECT_EQ(tree.size(), 9);  // seven points, two clusters
  EXPECT_EQ(tree.front().child, 6);
  EXPECT_DOUBLE_EQ(tree.front().lambda, 1.0 / 38);
  EXPECT_THAT(clusters[0].children, ElementsAre(1, 2));
  EXPECT_EQ(clusters[0].size, 6);
  EXPECT_NEAR(clusters[0].stability, 1.0 / 38 + 6.0 / 8, 1e-12);
  for (const int c : {1, 2}) {
    EXPECT_EQ(clusters[c].parent, 0);
    EXPECT_EQ(clusters[c].size, 3);
    EXPECT_DOUBLE_EQ(clusters[c].birth, 1.0 / 8);
    EXPECT_DOUBLE_EQ(clusters[c].death, 1);
    EXPECT_NEAR(clusters[c].stability, 3 * (1 - 1.0 / 8), 1e-12);
  }
}

}  // namespace
}  // namespace lingula
