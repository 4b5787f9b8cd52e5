#include "model/train/rates.h"

#include <gmock/gmock.h>

namespace lingula {
namespace {

TEST(RatesTest, PublishedScheduleEndsHalfWay) {
  train::v1::Schedule schedule;
  schedule.set_rate(3e-4);
  schedule.set_min_rate(1e-6);
  schedule.set_cosine_epochs(200);
  schedule.set_rate_per_epoch(true);
  const RunSteps run{0, 179, 100};
  EXPECT_DOUBLE_EQ(RatesAt(schedule, 0, 178, run).rest, 3e-4);  // the whole first epoch
  EXPECT_NEAR(RatesAt(schedule, 0, 99 * 179, run).rest, 1.52848e-4, 5e-10);
  EXPECT_NEAR(RatesAt(schedule, 0, 100 * 179 - 1, run).encoder, 1.52848e-4, 5e-10);
}

TEST(RatesTest, RisesThenFallsToTheEnd) {
  train::v1::Schedule schedule;
  schedule.set_rate(1);
  schedule.set_encoder_rate(0.5);
  schedule.set_warmup_steps(4);
  const RunSteps run{0, 10, 2};
  EXPECT_DOUBLE_EQ(RatesAt(schedule, 0, 0, run).rest, 0.25);
  EXPECT_DOUBLE_EQ(RatesAt(schedule, 0, 10, run).rest, 0.5);
  EXPECT_DOUBLE_EQ(RatesAt(schedule, 0, 10, run).encoder, 0.25);
  EXPECT_LT(RatesAt(schedule, 0, 19, run).rest, 0.01);
}

TEST(RatesTest, LeadHasAFallOfItsOwn) {
  train::v1::Schedule schedule;
  schedule.set_rate(1);
  schedule.set_warmup_steps(2);
  const RunSteps run{8, 4, 3};
  EXPECT_DOUBLE_EQ(RatesAt(schedule, 0.1, 0, run).encoder, 0.1);
  EXPECT_DOUBLE_EQ(RatesAt(schedule, 0.1, 4, run).rest, 0.05);
  EXPECT_DOUBLE_EQ(RatesAt(schedule, 0.1, 8, run).rest, 0.5);  // then the warm-up begins
}

}  // namespace
}  // namespace lingula
