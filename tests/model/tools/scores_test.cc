#include "model/eval/scores.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>

namespace lingula {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

ImageScore Image(int64_t tp, int64_t fp, int64_t fn, int64_t tn) {
  ImageScore image;
  image.counts.true_positive = tp;
  image.counts.false_positive = fp;
  image.counts.false_negative = fn;
  image.counts.true_negative = tn;
  return image;
}

// Image left upper first.
ZoneBits Zones(const char* digits) {
  ZoneBits zones;
  for (int i = 0; i < kZones; ++i) {
    zones[i] = digits[i] == '1';
  }
  return zones;
}

TEST(ScoresTest, PoolsPixelsByHand) {
  // Dice 6/9 and 2/5; pooled TP 4, FP 4, FN 2, TN 10.
  const DataSetScores s = ScoreDataSet({Image(3, 1, 2, 4), Image(1, 3, 0, 6)}, 100, 0);
  EXPECT_EQ(s.images, 2);
  EXPECT_DOUBLE_EQ(s.dice, 8.0 / 14);
  EXPECT_DOUBLE_EQ(s.jaccard, 4.0 / 10);
  EXPECT_DOUBLE_EQ(s.accuracy, 14.0 / 20);
  EXPECT_DOUBLE_EQ(s.dice_image_mean, (6.0 / 9 + 2.0 / 5) / 2);
  EXPECT_DOUBLE_EQ(s.dice_batch_mean, 8.0 / 14);  // both are in one batch
}

TEST(ScoresTest, BatchMeanGivesASmallLastBatchFullWeight) {
  std::vector<ImageScore> images(32, Image(1, 0, 0, 1));
  images.push_back(Image(0, 1, 1, 0));
  const DataSetScores s = ScoreDataSet(images, 10, 0);
  EXPECT_DOUBLE_EQ(s.dice_batch_mean, 0.5);  // 1 and 0, whatever their sizes
  EXPECT_DOUBLE_EQ(s.dice, 64.0 / 66);
  EXPECT_NEAR(s.dice_image_mean, 32.0 / 33, 1e-12);
  images.pop_back();
  EXPECT_DOUBLE_EQ(ScoreDataSet(images, 10, 0).dice_batch_mean, 1);
}

TEST(ScoresTest, BootstrapIntervalHoldsTheValue) {
  std::vector<ImageScore> images;
  for (int i = 0; i < 60; ++i) {
    images.push_back(Image(10 + i % 7, i % 5, i % 11, 50));
  }
  const DataSetScores s = ScoreDataSet(images, 1000, 1);
  EXPECT_LT(s.dice_low, s.dice);
  EXPECT_GT(s.dice_high, s.dice);
  EXPECT_LT(s.dice_high - s.dice_low, 0.1);
  const DataSetScores again = ScoreDataSet(images, 1000, 1);
  EXPECT_EQ(again.dice_low, s.dice_low);
  EXPECT_EQ(again.dice_high, s.dice_high);
  EXPECT_NE(ScoreDataSet(images, 1000, 2).dice_low, s.dice_low);
  // Four times the images, half the width, roughly.
  std::vector<ImageScore> more;
  for (int i = 0; i < 4; ++i) {
    more.insert(more.end(), images.begin(), images.end());
  }
  const DataSetScores narrow = ScoreDataSet(more, 1000, 1);
  EXPECT_DOUBLE_EQ(narrow.dice, s.dice);
  EXPECT_NEAR((narrow.dice_high - narrow.dice_low) / (s.dice_high - s.dice_low), 0.5, 0.1);
}

TEST(ScoresTest, EqualImagesHaveNoSpread) {
  const DataSetScores s = ScoreDataSet(std::vector<ImageScore>(5, Image(3, 1, 2, 4)), 50, 0);
  EXPECT_DOUBLE_EQ(s.dice_low, s.dice);
  EXPECT_DOUBLE_EQ(s.dice_high, s.dice);
}

TEST(ScoresTest, ZonesByHand) {
  std::vector<ImageScore> images(3, Image(1, 0, 0, 0));
  images[0].has_zones = images[1].has_zones = true;  // the third does not count
  images[0].zones_true = Zones("110000");
  images[0].zones_found = Zones("101000");
  images[1].zones_true = Zones("100001");
  images[1].zones_found = Zones("110001");
  images[2].zones_found = Zones("111111");
  const DataSetScores s = ScoreDataSet(images, 10, 0);
  EXPECT_DOUBLE_EQ(s.zone_accuracy,
                   9.0 / 12);  // wrong: zones 1 and 2 of the first, 1 of the second
  // F1 of the zones: 1 (both found), 0 (missed once, invented once), 0, 0, 0 (nowhere), 1.
  EXPECT_DOUBLE_EQ(s.zone_f1, 2.0 / 6);

  images[1].zones_found = Zones("010001");  // zone 0: one of two found, F1 2/3
  EXPECT_DOUBLE_EQ(ScoreDataSet(images, 10, 0).zone_f1, (2.0 / 3 + 1) / 6);
}

TEST(ScoresTest, UnknownZonesAreNotANumber) {
  const DataSetScores s = ScoreDataSet({Image(1, 0, 0, 0)}, 10, 0);
  EXPECT_TRUE(std::isnan(s.zone_accuracy));
  EXPECT_TRUE(std::isnan(s.zone_f1));
}

TEST(ScoresTest, ExpectedDiceErrorIsOverMasksThatAreThere) {
  std::vector<ImageScore> images = {Image(3, 1, 2, 4), Image(1, 3, 0, 6), Image(0, 0, 4, 6)};
  images[0].expected_dice = 6.0 / 9 + 0.1;
  images[1].expected_dice = 2.0 / 5 - 0.3;
  images[2].expected_dice = kNan;  // an empty mask
  EXPECT_NEAR(ScoreDataSet(images, 10, 0).expected_dice_error, 0.2, 1e-12);
  EXPECT_TRUE(std::isnan(ScoreDataSet({images[2]}, 10, 0).expected_dice_error));
}

TEST(ScoresTest, NoImages) {
  const DataSetScores s = ScoreDataSet({}, 10, 0);
  EXPECT_EQ(s.images, 0);
  EXPECT_EQ(s.dice, 0);
}

}  // namespace
}  // namespace lingula
