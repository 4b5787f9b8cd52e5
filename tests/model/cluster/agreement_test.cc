#include "model/cluster/agreement.h"

#include <vector>

#include <gmock/gmock.h>

namespace lingula {
namespace {

using Labels = std::vector<int32_t>;

TEST(AdjustedRandIndexTest, NamesDoNotMatter) {
  EXPECT_DOUBLE_EQ(AdjustedRandIndex(Labels{0, 0, 1, 1, -1}, Labels{7, 7, -1, -1, 2}), 1);
}

// By hand: pairs together in both 2, in a 4, in b 3, of 15; by chance 0.8.
TEST(AdjustedRandIndexTest, ByHand) {
  EXPECT_NEAR(AdjustedRandIndex(Labels{0, 0, 0, 1, 1, 2}, Labels{0, 0, 1, 1, 1, 2}),
              (2 - 16.0 / 15) / (4 - 16.0 / 15), 1e-12);
  EXPECT_NEAR(AdjustedRandIndex(Labels{0, 0, 1, 1}, Labels{0, 1, 0, 1}), -0.5, 1e-12);
}

TEST(AdjustedRandIndexTest, OneGroupOrNone) {
  EXPECT_DOUBLE_EQ(AdjustedRandIndex(Labels{3, 3, 3}, Labels{0, 0, 0}), 1);
  EXPECT_DOUBLE_EQ(AdjustedRandIndex(Labels{0, 1, 2}, Labels{2, 1, 0}), 1);
  EXPECT_DOUBLE_EQ(AdjustedRandIndex(Labels{0, 0, 0}, Labels{0, 1, 2}), 0);
  EXPECT_DOUBLE_EQ(AdjustedRandIndex(Labels{}, Labels{}), 1);
}

}  // namespace
}  // namespace lingula
