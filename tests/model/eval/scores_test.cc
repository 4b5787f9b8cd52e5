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
  image.above = image.counts;
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

TEST(ScoresTest, JaccardAndAccuracyHaveAThresholdTestOfTheirOwn) {
  ImageScore image = Image(3, 1, 0, 4);
  image.above.true_positive = 2;  // one pixel has p = 0.5
  image.above.false_negative = 1;
  const DataSetScores s = ScoreDataSet({image}, 10, 0);
  EXPECT_DOUBLE_EQ(s.dice, 6.0 / 7);
  EXPECT_DOUBLE_EQ(s.jaccard, 2.0 / 4);
  EXPECT_DOUBLE_EQ(s.accuracy, 6.0 / 8);
  EXPECT_DOUBLE_EQ(s.jaccard_batch_mean, 2.0 / 4);
}

TEST(ScoresTest, GroupsAreDrawnWhole) {
  // Two patients, one good and one bad, 20 images each: drawn one by one, pooled Dice hardly moves.
  std::vector<ImageScore> images;
  for (int i = 0; i < 40; ++i) {
    images.push_back(i % 2 == 0 ? Image(10, 0, 0, 10) : Image(2, 8, 8, 2));
  }
  const DataSetScores single = ScoreDataSet(images, 500, 1);
  EXPECT_EQ(single.clusters, 40);
  for (int i = 0; i < 40; ++i) {
    images[i].group = i % 2 == 0 ? "good" : "bad";
  }
  const DataSetScores grouped = ScoreDataSet(images, 500, 1);
  EXPECT_EQ(grouped.clusters, 2);
  EXPECT_DOUBLE_EQ(grouped.dice, single.dice);
  EXPECT_DOUBLE_EQ(grouped.dice_low, 0.2);  // the bad patient twice
  EXPECT_DOUBLE_EQ(grouped.dice_high, 1);
  EXPECT_GT(single.dice_low, 0.4);
}

TEST(ScoresTest, DistancesOfMasksThatHaveOne) {
  std::vector<ImageScore> images(4, Image(1, 0, 0, 0));
  images[0].hd95 = 2;
  images[1].hd95 = 10;
  images[3].hd95 = 3;
  const DataSetScores s = ScoreDataSet(images, 10, 0);
  EXPECT_DOUBLE_EQ(s.hd95_mean, 5);
  EXPECT_DOUBLE_EQ(s.hd95_median, 3);
  EXPECT_EQ(s.hd95_missing, 1);
  const DataSetScores none = ScoreDataSet({images[2]}, 10, 0);
  EXPECT_TRUE(std::isnan(none.hd95_mean));
  EXPECT_EQ(none.hd95_missing, 1);
}

TEST(ScoresTest, ReportsThatAreKnown) {
  std::vector<ImageScore> images(3, Image(1, 0, 0, 0));
  images[0].report_found = images[0].report_true = "one two three four five.";
  images[1].report_found = "one two three four six.";
  images[1].report_true = "one two three four five.";
  images[2].report_found = "no truth";
  const DataSetScores s = ScoreDataSet(images, 10, 0);
  EXPECT_EQ(s.reports, 2);
  EXPECT_DOUBLE_EQ(s.exact_reports, 0.5);
  EXPECT_DOUBLE_EQ(s.bleu[0], 9.0 / 10);
  EXPECT_DOUBLE_EQ(s.rouge_l, (1 + 0.8) / 2);
}

TEST(ScoresTest, IntervalsAndTheCurve) {
  std::vector<ImageScore> images = {Image(3, 1, 2, 4), Image(1, 3, 0, 6), Image(5, 0, 0, 5)};
  const double expected[] = {0.62, 0.66, 1};  // Dice 0.667, 0.4, 1
  for (int i = 0; i < 3; ++i) {
    images[i].expected_dice = expected[i];
    images[i].expected_low = expected[i] - 0.1;
    images[i].expected_high = expected[i];
  }
  images[0].expected_high = 0.7;
  const DataSetScores s = ScoreDataSet(images, 10, 0);
  EXPECT_DOUBLE_EQ(s.coverage, 2.0 / 3);
  EXPECT_NEAR(s.interval_width, (0.18 + 0.1 + 0.1) / 3, 1e-12);
  EXPECT_DOUBLE_EQ(s.expected_dice_rank, 0.5);  // ranks 1, 2, 3 and 2, 1, 3
  ASSERT_EQ(s.calibration.size(), 10U);
  EXPECT_EQ(s.calibration[6].images, 2);
  EXPECT_DOUBLE_EQ(s.calibration[6].expected, 0.64);
  EXPECT_NEAR(s.calibration[6].dice, (2.0 / 3 + 0.4) / 2, 1e-12);
  EXPECT_EQ(s.calibration[9].images, 1);  // 1 belongs to the last
  EXPECT_TRUE(std::isnan(s.calibration[0].dice));
}

TEST(SubgroupsTest, LungsSizesAndGroups) {
  std::vector<ImageScore> images;
  for (int i = 0; i < 8; ++i) {
    images.push_back(Image(i + 1, 0, 0, 20 - i));
    images.back().has_zones = i != 7;
    images.back().zones_true = Zones(i < 3 ? "100000" : "100100");
    images.back().group = i < 4 ? "a" : "b";
  }
  const auto subgroups = ScoreSubgroups(images, 10, 0);
  std::vector<std::pair<std::string, int64_t>> sizes;
  for (const Subgroup& subgroup : subgroups) {
    sizes.emplace_back(subgroup.name, subgroup.images);
    EXPECT_DOUBLE_EQ(subgroup.dice, 1);
  }
  using testing::Pair;
  EXPECT_THAT(sizes, testing::ElementsAre(Pair("one lung", 3), Pair("both lungs", 4),
                                          Pair("true mask 4.8 to 13.1 % of the picture", 2),
                                          Pair("true mask 13.1 to 21.4 % of the picture", 2),
                                          Pair("true mask 21.4 to 29.8 % of the picture", 2),
                                          Pair("true mask 29.8 to 38.1 % of the picture", 2),
                                          Pair("group a", 4), Pair("group b", 4)));
}

TEST(ScoresTest, NoImages) {
  const DataSetScores s = ScoreDataSet({}, 10, 0);
  EXPECT_EQ(s.images, 0);
  EXPECT_EQ(s.dice, 0);
}

}  // namespace
}  // namespace lingula
