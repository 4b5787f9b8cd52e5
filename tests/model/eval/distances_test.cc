#include "model/eval/distances.h"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gmock/gmock.h>

namespace lingula {
namespace {

using testing::Each;
using testing::ElementsAre;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<uint8_t> Square(int side, int x, int y, int size) {
  std::vector<uint8_t> mask(side * side, 0);
  for (int dy = 0; dy < size; ++dy) {
    for (int dx = 0; dx < size; ++dx) {
      mask[(y + dy) * side + x + dx] = 1;
    }
  }
  return mask;
}

std::vector<double> ByBruteForce(const std::vector<uint8_t>& set, int width) {
  std::vector<double> distances(set.size(), kInfinity);
  for (int i = 0; i < static_cast<int>(set.size()); ++i) {
    for (int j = 0; j < static_cast<int>(set.size()); ++j) {
      const int dx = i % width - j % width, dy = i / width - j / width;
      if (set[j] != 0) {
        distances[i] = std::min(distances[i], static_cast<double>(dx * dx + dy * dy));
      }
    }
  }
  return distances;
}

TEST(SquaredDistancesTest, EqualsBruteForce) {
  std::mt19937 random(7);
  const struct {
    int width, height, one_in;
  } kCases[] = {{1, 1, 2},   {1, 9, 3},     {9, 1, 3}, {17, 11, 40},
                {11, 17, 4}, {24, 24, 200}, {8, 8, 1}};
  for (const auto& c : kCases) {
    for (int round = 0; round < 5; ++round) {
      std::vector<uint8_t> set(c.width * c.height);
      for (uint8_t& value : set) {
        value = random() % c.one_in == 0 ? 255 : 0;
      }
      EXPECT_EQ(SquaredDistances(set, c.width), ByBruteForce(set, c.width))
          << c.width << " x " << c.height << ", 1 in " << c.one_in;
    }
  }
}

TEST(SquaredDistancesTest, NothingIsNear) {
  EXPECT_THAT(SquaredDistances(std::vector<uint8_t>(12, 0), 4), Each(kInfinity));
}

TEST(OutlineTest, IsWhereANeighbourIsMissing) {
  // A full 3 x 3 square touches the border of the picture: only its middle is inside.
  EXPECT_THAT(Outline(std::vector<uint8_t>(9, 1), 3), ElementsAre(1, 1, 1, 1, 0, 1, 1, 1, 1));
  // A plus: its middle has all four neighbours.
  EXPECT_THAT(Outline({{0, 1, 0, 1, 1, 1, 0, 1, 0}}, 3), ElementsAre(0, 1, 0, 1, 0, 1, 0, 1, 0));
}

TEST(Hausdorff95Test, SinglePixels) {
  std::vector<uint8_t> one(100, 0), other(100, 0);
  one[11] = 1;            // (1, 1)
  other[5 * 10 + 4] = 1;  // (4, 5)
  EXPECT_DOUBLE_EQ(Hausdorff95(one, other, 10), 5);
  EXPECT_DOUBLE_EQ(Hausdorff95(one, one, 10), 0);
}

TEST(Hausdorff95Test, ShiftedSquares) {
  // Outlines of 5 x 5 squares, 16 pixels each, one 4 pixels to the right of the other. The far
  // column of each, 5 pixels, is 4 away, and the 95th percentile at place 0.95 * 15 = 14.25 is
  // among them.
  EXPECT_DOUBLE_EQ(Hausdorff95(Square(20, 3, 3, 5), Square(20, 7, 3, 5), 20), 4);
  EXPECT_DOUBLE_EQ(Hausdorff95(Square(20, 7, 3, 5), Square(20, 3, 3, 5), 20), 4);
}

TEST(Hausdorff95Test, APercentileForgivesAFewPixels) {
  // A line of 40 pixels and the same line with one pixel far below it.
  std::vector<uint8_t> line(40 * 40, 0), stray = line;
  for (int x = 0; x < 40; ++x) {
    line[x] = stray[x] = 1;
  }
  stray[39 * 40] = 1;
  EXPECT_DOUBLE_EQ(Hausdorff95(line, stray, 40), 0);  // place 0.95 * 40 = 38 of 0 ... 40
  // With one of three pixels astray the percentile lies between 0 and 2: 1.9 places along 0, 0, 2.
  std::vector<uint8_t> two(25, 0), three(25, 0);
  two[0] = two[1] = three[0] = three[1] = three[10] = 1;
  EXPECT_NEAR(Hausdorff95(two, three, 5), 0.9 * 2, 1e-12);
}

// Also where masks touch the edge of the small picture but not that of the large one.
TEST(Hausdorff95Test, ThePictureAroundTheMasksChangesNothing) {
  std::mt19937 random(5);
  constexpr int kSide = 12, kLarge = 50;
  for (int round = 0; round < 20; ++round) {
    std::vector<uint8_t> one(kSide * kSide), other(kSide * kSide);
    std::vector<uint8_t> large_one(kLarge * kLarge), large_other(kLarge * kLarge);
    for (int i = 0; i < kSide * kSide; ++i) {
      const int at = (i / kSide + 20) * kLarge + i % kSide + 30;
      one[i] = large_one[at] = random() % 6 == 0 ? 1 : 0;
      other[i] = large_other[at] = random() % 9 == 0 ? 255 : 0;
    }
    EXPECT_EQ(Hausdorff95(one, other, kSide), Hausdorff95(large_one, large_other, kLarge));
  }
}

TEST(Hausdorff95Test, EmptyMasks) {
  const std::vector<uint8_t> empty(100, 0);
  EXPECT_EQ(Hausdorff95(empty, empty, 10), 0);
  EXPECT_TRUE(std::isnan(Hausdorff95(empty, Square(10, 2, 2, 3), 10)));
  EXPECT_TRUE(std::isnan(Hausdorff95(Square(10, 2, 2, 3), empty, 10)));
}

}  // namespace
}  // namespace lingula
