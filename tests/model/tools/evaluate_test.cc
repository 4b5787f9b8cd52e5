#include "model/tools/evaluate.h"

#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <opencv2/core.hpp>

#include "model/image/png_file.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/support/fake_engine.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeEngine;
using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

// The fake engine answers with what is brighter than average, so a picture of its own mask
// scores 1.
class EvaluateTest : public testing::Test {
 protected:
  EvaluateTest() { manifest_.mutable_input()->set_transpose(true); }

  std::string WritePng(const std::string& name, const cv::Mat& pixels) const {
    const std::string path = folder_.path() + "/" + name;
    test::Put(path, EncodePng(pixels, PngEffort::kFlat).value());
    return path;
  }
  // A bright rectangle in the left third; `covered` of the truth's columns are bright in the
  // picture.
  DataRow MakeRow(const std::string& name, cv::Size size, int covered_percent) const {
    cv::Mat picture = cv::Mat::zeros(size, CV_8UC1);
    cv::Mat mask = picture.clone();
    const cv::Rect truth(0, 0, size.width / 3, size.height);
    mask(truth).setTo(255);
    picture(cv::Rect(0, 0, truth.width * covered_percent / 100, size.height)).setTo(255);
    DataRow row;
    row.image = WritePng(name + ".png", picture);
    row.mask = WritePng(name + "_mask.png", mask);
    row.zones = ZoneBits(0b000111);
    return row;
  }
  absl::StatusOr<std::vector<ImageScore>> Run(const std::vector<DataRow>& rows,
                                              GuidanceMode mode = GuidanceMode::kGeneratedReport) {
    return Evaluate(engine_, manifest_, rows, mode,
                    [this](int64_t done) { done_.push_back(done); });
  }

  const test::TempFolder folder_;
  bundle::v1::Manifest manifest_ = test::SmallManifest();  // 32 pixels, grey
  FakeEngine engine_{32, 1};
  std::vector<int64_t> done_;
};

TEST_F(EvaluateTest, ComparesAtThePicturesOwnSize) {
  const auto scores = Run({MakeRow("wide", {96, 48}, 100), MakeRow("half", {96, 48}, 50)});
  ASSERT_THAT(scores, IsOk());
  ASSERT_EQ(scores->size(), 2U);
  const OverlapCounts& full = (*scores)[0].counts;
  EXPECT_EQ(full.true_positive + full.false_negative, 32 * 48);
  EXPECT_GT(full.Dice(), 0.95);  // but for the edge after resizing
  EXPECT_NEAR((*scores)[1].counts.Dice(), 2.0 / 3, 0.05);
}

TEST_F(EvaluateTest, KeepsTheOrderOverBatches) {
  std::vector<DataRow> rows;
  for (int i = 0; i < 10; ++i) {
    rows.push_back(MakeRow("row" + std::to_string(i), {30, 30}, i % 2 == 0 ? 100 : 30));
  }
  const auto scores = Run(rows);
  ASSERT_THAT(scores, IsOk());
  ASSERT_EQ(scores->size(), rows.size());
  for (size_t i = 0; i < scores->size(); ++i) {
    EXPECT_EQ((*scores)[i].counts.Dice() > 0.8, i % 2 == 0) << i;
  }
  EXPECT_THAT(done_, ElementsAre(8, 10));
  EXPECT_THAT(engine_.batch_sizes(), ElementsAre(8, 2));
}

TEST_F(EvaluateTest, ReportsZonesAndExpectedDice) {
  DataRow known = MakeRow("a", {32, 32}, 100), unknown = known;
  unknown.zones.reset();
  const auto scores = Run({known, unknown});
  ASSERT_THAT(scores, IsOk());
  EXPECT_TRUE((*scores)[0].has_zones);
  EXPECT_EQ((*scores)[0].zones_true, ZoneBits(0b000111));
  EXPECT_EQ((*scores)[0].zones_found, ZoneBits(0b000100));  // what the fake engine says
  EXPECT_FALSE((*scores)[1].has_zones);
  EXPECT_GT((*scores)[0].expected_dice, 0.5);
  EXPECT_LT((*scores)[0].expected_dice, 1);

  engine_.SetProbability(0.25F);  // nothing reaches the threshold
  const auto empty = Run({known});
  ASSERT_THAT(empty, IsOk());
  EXPECT_TRUE(std::isnan((*empty)[0].expected_dice));
  EXPECT_EQ((*empty)[0].counts.Dice(), 0);
}

TEST_F(EvaluateTest, GuidanceByReportNeedsZones) {
  DataRow row = MakeRow("a", {32, 32}, 100);
  EXPECT_THAT(Run({row}, GuidanceMode::kReport), IsOk());
  row.zones.reset();
  EXPECT_THAT(Run({row}, GuidanceMode::kReport),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a.png")));
  EXPECT_THAT(Run({row}, GuidanceMode::kWithheld), IsOk());
}

TEST_F(EvaluateTest, NamesTheFileThatCannotBeRead) {
  DataRow row = MakeRow("a", {32, 32}, 100);
  const DataRow good = row;
  test::Put(row.image, "no picture");
  EXPECT_THAT(Run({good, row}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a.png")));
  row = MakeRow("b", {32, 32}, 100);
  row.mask = folder_.path() + "/absent.png";
  EXPECT_THAT(Run({row}), StatusIs(absl::StatusCode::kNotFound, HasSubstr("absent.png")));
  row = MakeRow("flat", {40, 40}, 0);  // a picture without contrast
  EXPECT_THAT(Run({row}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("flat.png")));
}

}  // namespace
}  // namespace lingula
