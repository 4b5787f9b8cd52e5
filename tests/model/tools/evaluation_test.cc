#include "model/tools/evaluation.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "absl/strings/str_split.h"

namespace lingula {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Evaluation TwoRuns() {
  Examined image;
  image.image = "/some/where/a,b.png";
  image.score.counts = image.score.above = {3, 1, 2, 4};
  image.score.report_found = "one, two.";
  image.score.report_true = "one \"two\".";
  image.share_found = 0.4;
  image.terms[0] = 0.25;
  Evaluation evaluation{"net@1", "abcdef0123456789", "cpu float32", "data", "", {}, {}};
  for (const char* guidance : {"report", "none"}) {
    GuidedScores run;
    run.guidance = guidance;
    run.images = {image};
    run.scores = ScoreDataSet({image.score}, 10, 0);
    run.subgroups = ScoreSubgroups({image.score}, 10, 0);
    evaluation.runs.push_back(run);
  }
  return evaluation;
}

TEST(EvaluationTest, JsonHasTheFixedKeys) {
  const auto json = nlohmann::json::parse(ToJson(TwoRuns()).dump());
  for (const char* key :
       {"n", "dice", "dice_low", "dice_high", "jaccard", "accuracy", "dice_batch_mean", "guidance",
        "bundle", "weights_sha256", "hd95_mean", "zone_f1", "expected_dice_mae", "bleu4", "rouge_l",
        "exact_reports", "subgroups", "calibration"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  EXPECT_EQ(json["n"], 1);
  EXPECT_DOUBLE_EQ(json["dice"], 6.0 / 9);
  EXPECT_EQ(json["guidance"], "report");
  EXPECT_DOUBLE_EQ(json["text_withheld"]["dice"], 6.0 / 9);
  EXPECT_EQ(json["runs"].size(), 2U);
  EXPECT_TRUE(json["hd95_mean"].is_null());  // not measured
  EXPECT_FALSE(json.contains("outside"));
  EXPECT_FALSE(json.contains("calibrated_on"));
}

TEST(EvaluationTest, WarnsOfImagesThatWereCalibratedOn) {
  Evaluation evaluation = TwoRuns();
  EXPECT_EQ(Caution(evaluation), "");
  evaluation.calibrated_on = "other data";
  EXPECT_EQ(Caution(evaluation), "");
  evaluation.calibrated_on = evaluation.data;
  EXPECT_THAT(Caution(evaluation), HasSubstr("calibrated on half of these images"));
}

TEST(EvaluationTest, CsvQuotesAndHidesFolders) {
  const std::vector<std::string> lines = absl::StrSplit(ToCsv(TwoRuns()), '\n');
  ASSERT_EQ(lines.size(), 4U);  // head, two rows, the end
  EXPECT_THAT(lines[0], StartsWith("image,group,guidance,dice,jaccard,hd95_px,"));
  EXPECT_THAT(lines[0], HasSubstr(",report_true,max_probability,presence,guidance_agreement,"));
  EXPECT_THAT(lines[0], HasSubstr(",soft_dice,log_area,"));
  EXPECT_THAT(lines[1], StartsWith("\"a,b.png\",,report,0.666667,0.5,,3,1,2,4,0.4,,,,,\"one, "
                                   "two.\",\"one \"\"two\"\".\",0,,,0,,0.25,0,"));
  EXPECT_THAT(lines[2], StartsWith("\"a,b.png\",,none,"));
}

}  // namespace
}  // namespace lingula
