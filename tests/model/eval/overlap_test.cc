#include "model/eval/overlap.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include <gmock/gmock.h>

namespace lingula {
namespace {

OverlapCounts Counts(int64_t tp, int64_t fp, int64_t fn, int64_t tn) {
  OverlapCounts counts;
  counts.true_positive = tp;
  counts.false_positive = fp;
  counts.false_negative = fn;
  counts.true_negative = tn;
  return counts;
}

TEST(CountOverlapTest, CountsWhateverIsNotZero) {
  const std::vector<uint8_t> predicted = {255, 1, 0, 0, 255};
  const std::vector<uint8_t> reference = {1, 0, 255, 0, 255};
  const OverlapCounts counts = CountOverlap(predicted, reference);
  EXPECT_EQ(counts.true_positive, 2);
  EXPECT_EQ(counts.false_positive, 1);
  EXPECT_EQ(counts.false_negative, 1);
  EXPECT_EQ(counts.true_negative, 1);
}

// Values of torchmetrics 1.3 for masks with these counts.
struct Case {
  OverlapCounts counts;
  double dice, jaccard, accuracy;
};

TEST(OverlapCountsTest, AgreesWithTorchmetrics) {
  const Case cases[] = {
      {Counts(46, 53, 37, 56), 0.505494535, 0.338235289, 0.53125},
      {Counts(46, 52, 47, 47), 0.481675386, 0.317241371, 0.484375},
      {Counts(11, 22, 17, 14), 0.360655725, 0.219999999, 0.390625},
      {Counts(0, 99, 0, 93), 0, 0, 0.484375},
      {Counts(0, 0, 83, 109), 0, 0, 0.567708313},
      {Counts(83, 0, 0, 109), 1, 1, 1},
  };
  for (const Case& c : cases) {
    EXPECT_NEAR(c.counts.Dice(), c.dice, 1e-7);
    EXPECT_NEAR(c.counts.Jaccard(), c.jaccard, 1e-7);
    EXPECT_NEAR(c.counts.Accuracy(), c.accuracy, 1e-7);
  }
}

TEST(OverlapCountsTest, PoolsByAddingAsTorchmetricsDoes) {
  OverlapCounts pooled = Counts(46, 53, 37, 56);
  pooled += Counts(46, 52, 47, 47);
  pooled += Counts(35, 59, 49, 49);
  EXPECT_NEAR(pooled.Dice(), 0.460980028, 1e-7);
  EXPECT_NEAR(pooled.Jaccard(), 0.299528301, 1e-7);
  EXPECT_NEAR(pooled.Accuracy(), 0.484375, 1e-7);
}

TEST(OverlapCountsTest, NothingThere) {
  const OverlapCounts empty = Counts(0, 0, 0, 192);
  EXPECT_EQ(empty.Dice(), 0);
  EXPECT_TRUE(std::isnan(empty.Jaccard()));
  EXPECT_EQ(empty.Accuracy(), 1);
  EXPECT_TRUE(std::isnan(OverlapCounts().Accuracy()));
}

TEST(SoftDiceTest, IsTheExpectedDice) {
  EXPECT_DOUBLE_EQ(SoftDice(3, 2.5, 4), 5.0 / 7);
  EXPECT_DOUBLE_EQ(SoftDice(2, 2, 2), 1);  // every probability 0 or 1
  EXPECT_DOUBLE_EQ(SoftDice(1.5, 0, 0), 0);
  EXPECT_TRUE(std::isnan(SoftDice(0, 0, 0)));
}

}  // namespace
}  // namespace lingula
