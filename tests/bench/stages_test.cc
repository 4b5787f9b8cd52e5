#include "tests/bench/stages.h"

#include <gmock/gmock.h>

namespace lingula::bench {
namespace {

TEST(StageShares, AddUpToAHundred) {
  const Samples growth = ParseSamples(
      "lingula_stage_duration_seconds_sum{model=\"a@1\",stage=\"infer\"} 3\n"
      "lingula_stage_duration_seconds_sum{model=\"b@1\",stage=\"infer\"} 2\n"
      "lingula_stage_duration_seconds_sum{model=\"a@1\",stage=\"queue\"} 4\n"
      "lingula_stage_duration_seconds_sum{model=\"a@1\",stage=\"total\"} 10\n");
  Figures figures;
  AddStageShares(growth, "saturated", figures);
  const auto json = ToJson(figures);
  EXPECT_DOUBLE_EQ(json["stage_percent_infer"], 50);
  EXPECT_DOUBLE_EQ(json["stage_percent_queue"], 40);
  EXPECT_DOUBLE_EQ(json["stage_percent_decode"], 0);
  EXPECT_NEAR(json["stage_percent_rest"].get<double>(), 10, 1e-9);
}

TEST(StageShares, OfNoAnswersAreNone) {
  Figures figures;
  AddStageShares({}, "idle", figures);
  EXPECT_TRUE(figures.all().empty());
}

}  // namespace
}  // namespace lingula::bench
