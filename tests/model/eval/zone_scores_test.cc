#include "model/eval/zone_scores.h"

#include <cmath>

#include <gmock/gmock.h>

#include "model/eval/scores.h"

namespace lingula {
namespace {

TEST(ZoneScoresTest, ByHand) {
  const ZoneScores scores = ScoreZones({{0b000011, 0b000001}, {0b000000, 0b000101}});
  EXPECT_DOUBLE_EQ(scores.accuracy, 9.0 / 12);
  EXPECT_DOUBLE_EQ(scores.recall, 1.0 / 3);
  EXPECT_DOUBLE_EQ(scores.precision, 0.5);
  EXPECT_DOUBLE_EQ(scores.f1_macro, 2.0 / 3 / 6);  // the first zone's alone
}

TEST(ZoneScoresTest, NothingThere) {
  const ZoneScores none = ScoreZones({{0, 0}});
  EXPECT_DOUBLE_EQ(none.accuracy, 1);
  EXPECT_DOUBLE_EQ(none.recall, 0);
  EXPECT_DOUBLE_EQ(none.precision, 0);
  EXPECT_DOUBLE_EQ(none.f1_macro, 0);
  EXPECT_TRUE(std::isnan(ScoreZones({}).accuracy));
  EXPECT_TRUE(std::isnan(ScoreZones({}).f1_macro));
}

TEST(DataSetScoresTest, CountsZonesOnlyWhereTheyAreKnown) {
  std::vector<ImageScore> images(2);
  images[0].zones_found = 0b111111;  // not known to be wrong
  EXPECT_TRUE(std::isnan(ScoreDataSet(images, 10, 1).zone_accuracy));
  images[1].has_zones = true;
  images[1].zones_found = 0b000011;
  images[1].zones_true = 0b000001;
  EXPECT_DOUBLE_EQ(ScoreDataSet(images, 10, 1).zone_accuracy, 5.0 / 6);
  EXPECT_DOUBLE_EQ(ScoreDataSet(images, 10, 1).zone_f1, 1.0 / 6);
}

}  // namespace
}  // namespace lingula
