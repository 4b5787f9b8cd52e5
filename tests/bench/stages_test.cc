#include "tests/bench/stages.h"

#include <gmock/gmock.h>

namespace lingula::bench {
namespace {

TEST(StageShares, AddUpToOne) {
  const Samples growth = ParseSamples(
      "lingula_stage_duration_seconds_sum{model=\"a@1\",stage=\"infer\"} 3\n"
      "lingula_stage_duration_seconds_sum{model=\"b@1\",stage=\"infer\"} 2\n"
      "lingula_stage_duration_seconds_sum{model=\"a@1\",stage=\"queue\"} 4\n"
      "lingula_stage_duration_seconds_sum{model=\"a@1\",stage=\"total\"} 10\n");
  Figures figures;
  AddStageShares(growth, "saturated", figures);
  const auto json = ToJson(figures);
  EXPECT_DOUBLE_EQ(json["stage_share_infer"], 0.5);
  EXPECT_DOUBLE_EQ(json["stage_share_queue"], 0.4);
  EXPECT_DOUBLE_EQ(json["stage_share_decode"], 0);
  EXPECT_NEAR(json["stage_share_rest"].get<double>(), 0.1, 1e-12);
}

TEST(StageShares, OfNoAnswersAreNone) {
  Figures figures;
  AddStageShares({}, "idle", figures);
  EXPECT_TRUE(figures.all().empty());
}

}  // namespace
}  // namespace lingula::bench
