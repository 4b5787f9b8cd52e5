#include "model/eval/pixel_scores.h"

#include <cmath>
#include <vector>

#include <gmock/gmock.h>

namespace lingula {
namespace {

BatchCounts Count(const std::vector<float>& p, const std::vector<uint8_t>& y) {
  return CountBatch(p, y);
}

TEST(CountBatchTest, OneHalfIsForegroundForDiceOnly) {
  const BatchCounts counts = Count({0.5F, 0.6F, 0.4F, 0.5F}, {1, 1, 1, 0});
  EXPECT_EQ(counts.above.true_positive, 1);
  EXPECT_EQ(counts.above.false_positive, 0);
  EXPECT_EQ(counts.at_least.true_positive, 2);
  EXPECT_EQ(counts.at_least.false_positive, 1);
}

TEST(CountBatchTest, AValueOutsideMakesAllLogitsButNotForDice) {
  const BatchCounts counts = Count({0.2F, -1, 3, 0}, {1, 1, 1, 0});
  EXPECT_EQ(counts.above.true_positive, 2);
  EXPECT_EQ(counts.above.false_negative, 1);
  EXPECT_EQ(counts.above.true_negative, 1);
  EXPECT_EQ(counts.at_least.true_positive, 1);
  EXPECT_EQ(counts.at_least.false_negative, 2);
  EXPECT_EQ(Count({0.2F, 0, 1, 0}, {1, 1, 1, 0}).above.true_positive, 1);
}

TEST(PixelScoresTest, PooledAndBatchMeanWeighBatchesDifferently) {
  const std::vector<BatchCounts> batches = {Count({0.9F, 0.9F, 0.1F, 0.1F}, {1, 1, 1, 0}),
                                            Count({0.9F}, {0})};
  const PixelScores pooled = PooledScores(batches), mean = BatchMeanScores(batches);
  EXPECT_DOUBLE_EQ(pooled.accuracy, 0.6);
  EXPECT_DOUBLE_EQ(pooled.dice, 4.0 / 6);
  EXPECT_DOUBLE_EQ(pooled.jaccard, 0.5);
  EXPECT_DOUBLE_EQ(mean.accuracy, 0.375);
  EXPECT_DOUBLE_EQ(mean.dice, 0.4);
  EXPECT_DOUBLE_EQ(mean.jaccard, 1.0 / 3);
}

TEST(PixelScoresTest, ABatchWithNothingThere) {
  const std::vector<BatchCounts> batches = {Count({0.1F}, {0}), Count({0.9F}, {1})};
  EXPECT_DOUBLE_EQ(PooledScores(batches).jaccard, 1);
  EXPECT_TRUE(std::isnan(BatchMeanScores(batches).jaccard));
  EXPECT_DOUBLE_EQ(BatchMeanScores(batches).dice, 0.5);
  EXPECT_TRUE(std::isnan(BatchMeanScores({}).dice));
}

}  // namespace
}  // namespace lingula
