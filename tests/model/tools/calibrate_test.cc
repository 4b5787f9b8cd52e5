#include "model/tools/calibrate.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "absl/strings/str_cat.h"
#include "model/backend/load_engine.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/calibration/calibration.h"
#include "model/image/png_file.h"
#include "model/tools/evaluation.h"
#include "tests/model/backend/made_bundle.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

constexpr int kImages = 120;

// Made-up images of which everything follows from a number in [0, 1): soft Dice, Dice, a feature.
std::vector<Examined> MadeImages(int count) {
  std::vector<Examined> images(count);
  for (int i = 0; i < count; ++i) {
    const double x = (i * 37 % count) / static_cast<double>(count);
    images[i].image = absl::StrCat("image", i, ".png");
    images[i].has_mask = true;
    images[i].share_found = 0.5;
    images[i].terms[static_cast<size_t>(TrustTerm::kSoftDice)] = 0.5 + x / 2;
    OverlapCounts& counts = images[i].score.counts;  // Dice x
    counts.true_positive = static_cast<int64_t>(1000 * x);
    counts.false_negative = counts.false_positive = 1000 - counts.true_positive;
    images[i].features = {static_cast<float>(std::sin(i)), static_cast<float>(std::cos(1.7 * i))};
  }
  return images;
}

absl::StatusOr<CalibrationOutcome> FitTo(const std::vector<Examined>& images) {
  return FitCalibration(Halve(images, 1), {}, {}, CalibrateOptions());
}

TEST(FitCalibrationTest, LearnsWhatSoftDiceIsWorth) {
  const auto outcome = FitTo(MadeImages(kImages));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->fitted.masks + outcome->judged.masks, kImages);
  EXPECT_NEAR(outcome->judged.error_before, 0.25, 0.05);
  EXPECT_LT(outcome->judged.error, 0.05);
  EXPECT_GT(outcome->judged.rank_correlation, 0.95);
  EXPECT_GT(outcome->judged.coverage, 0.75);
  EXPECT_EQ(outcome->calibration.fitted_images(), outcome->fitted.masks);
  EXPECT_EQ(outcome->calibration.outliers().quantiles_size(), 21);
  EXPECT_LT(outcome->calibration.outliers().false_alarms(), 0.2);
}

TEST(FitCalibrationTest, PicturesFromOutsideAreFarAway) {
  std::vector<Examined> outside = MadeImages(20);
  for (Examined& image : outside) {
    image.features[0] += 20;
  }
  const auto outcome =
      FitCalibration(Halve(MadeImages(kImages), 1), MadeImages(kImages), outside, {});
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->calibration.outliers().auroc(), 1);
  EXPECT_EQ(outcome->outside_flagged, 1);
  EXPECT_EQ(outcome->calibration.outliers().images(), static_cast<unsigned>(kImages));
}

TEST(FitCalibrationTest, RefusesWhatCannotBeCalibratedBy) {
  const auto refused = [](std::vector<Examined> images, const char* why) {
    EXPECT_THAT(FitTo(images).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why)));
  };
  refused(MadeImages(49), "at least 50 labelled images, got 49");
  auto images = MadeImages(kImages);
  images[7].has_mask = false;
  refused(images, "image7.png: has no reference mask");
  images = MadeImages(kImages);
  images[7].terms[2] = std::nan("");
  refused(images, "image7.png: the network's answer is not finite");
  images = MadeImages(kImages);
  images[9].features[1] = INFINITY;
  refused(images, "image9.png: the network's answer is not finite");
  images = MadeImages(kImages);
  for (Examined& image : images) {
    image.score.counts = {0, 10, 0, 90};
  }
  refused(images, "every reference mask is empty");
  images = MadeImages(kImages);
  for (Examined& image : images) {
    image.share_found = 0;
  }
  refused(images, "at least 50 images in which the network finds something, got 0");
}

TEST(HalveTest, GroupsStayWhole) {
  auto images = MadeImages(60);
  for (int i = 0; i < 60; ++i) {
    images[i].score.group = i < 30 ? absl::StrCat("patient", i / 3) : "";
  }
  const Halves halves = Halve(images, 5);
  EXPECT_EQ(halves.fit.size() + halves.judge.size(), 60U);
  for (const Examined* one : halves.fit) {
    for (const Examined* other : halves.judge) {
      EXPECT_TRUE(one->score.group.empty() || one->score.group != other->score.group);
    }
  }
}

TEST(BestThresholdTest, ByPooledDice) {
  auto images = MadeImages(2);
  const std::vector<const Examined*> both = {&images[0], &images[1]};
  EXPECT_EQ(BestThreshold(both), 0.5F);  // nothing counted: all alike
  images[0].at[6] = {10, 0, 0, 0};       // 0.35
  images[0].at[9] = {9, 0, 1, 0};
  EXPECT_FLOAT_EQ(BestThreshold(both), 0.35F);
  images[1].at[6] = {0, 5, 0, 0};
  EXPECT_FLOAT_EQ(BestThreshold(both), 0.5F);
}

// Both tools' ways through a real, small network and files.
class ToolsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { ConfigureCompute(1); }

  // Masks of the made-up network are neither empty nor full from the mean of its answers on.
  ToolsTest() {
    bundle::v1::Manifest manifest = test::TinyManifest();
    const auto engine = LoadEngine(*OpenBundle(test::MakeBundle(folder_.Sub("try"), manifest)), {});
    EXPECT_THAT(engine, IsOk());
    const std::vector<Sample> samples = test::MakeSamples(manifest, 1);
    const Sample* const one[] = {&samples[0]};
    double sum = 0;
    const Prediction answer = (*engine)->Predict(one).front().value();
    for (const float p : answer.probabilities) {
      sum += p / static_cast<double>(answer.probabilities.size());
    }
    manifest.set_threshold(static_cast<float>(sum));
    bundle_ = test::MakeBundle(folder_.Sub("models"), manifest);
  }

  std::string WritePng(const std::string& name, const cv::Mat& pixels) const {
    test::Put(folder_.path() + "/" + name, EncodePng(pixels, PngEffort::kFlat).value());
    return folder_.path() + "/" + name;
  }

  // Pictures of waves; a mask is where they are bright.
  std::vector<DataRow> Rows(int count, double pitch) const {
    std::vector<DataRow> rows;
    for (int i = 0; i < count; ++i) {
      cv::Mat picture(48, 64, CV_8UC1);
      for (int y = 0; y < picture.rows; ++y) {
        for (int x = 0; x < picture.cols; ++x) {
          picture.at<uint8_t>(y, x) = static_cast<uint8_t>(128 + 60 * std::sin(pitch * x + i) +
                                                           60 * std::cos(pitch * y * (1 + i % 5)));
        }
      }
      DataRow row;
      row.image = WritePng(absl::StrCat("p", pitch, "-", i, ".png"), picture);
      row.mask = WritePng(absl::StrCat("m", pitch, "-", i, ".png"), picture > 128);
      row.zones = ZoneBits(i % 64);
      row.line = i + 2;
      rows.push_back(std::move(row));
    }
    return rows;
  }

  absl::StatusOr<std::vector<Examined>> Look(const Bundle& bundle, const std::vector<DataRow>& rows,
                                             const Calibration* calibration = nullptr) const {
    LINGULA_ASSIGN_OR_RETURN(const auto engine, LoadEngine(bundle, EngineOptions()));
    ExamineOptions options;
    options.calibration = calibration;
    return Examine(*engine, bundle.manifest, rows, options, [](int64_t) {});
  }

  const test::TempFolder folder_;
  std::string bundle_;
};

TEST_F(ToolsTest, ACalibratedBundleServesWhatWasFitted) {
  const Bundle bundle = *OpenBundle(bundle_);
  const auto rows = Rows(100, 0.11), far = Rows(20, 1.7);
  const auto images = Look(bundle, rows), outside = Look(bundle, far);
  ASSERT_THAT(images, IsOk());
  CalibrateOptions options;
  options.data = "waves";
  const auto outcome = FitCalibration(Halve(*images, 1), {}, *outside, options);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_GT(outcome->calibration.outliers().auroc(), 0.9);

  EXPECT_THAT(WriteCalibrated(bundle, *outcome, folder_.path() + "/models", false).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("--in-place")));
  const auto written = WriteCalibrated(bundle, *outcome, folder_.path() + "/out", false);
  ASSERT_THAT(written, IsOk());
  EXPECT_THAT(WriteCalibrated(bundle, *outcome, folder_.path() + "/out", false).status(),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("is there already")));
  const auto calibrated = OpenBundle(*written);
  ASSERT_THAT(calibrated, IsOk());
  EXPECT_EQ(calibrated->weights_sha256, bundle.weights_sha256);
  EXPECT_THAT(calibrated->card, HasSubstr("Expected Dice is calibrated on waves"));
  EXPECT_THAT(bundle.card, HasSubstr("Expected Dice is not calibrated"));

  const auto calibration = Calibration::Load(*calibrated);
  ASSERT_THAT(calibration, IsOk());
  const auto again = Look(*calibrated, rows, &**calibration);
  ASSERT_THAT(again, IsOk());
  double error = 0, masks = 0;
  for (const Examined* image : Halve(*again, 1).judge) {
    ASSERT_TRUE(image->outlyingness.has_value());
    if (image->share_found > 0) {
      EXPECT_LE(image->score.expected_low, image->score.expected_dice);
      error += std::abs(image->score.expected_dice - image->score.counts.Dice());
      ++masks;
    }
  }
  EXPECT_NEAR(error / masks, calibrated->manifest.calibration().error(), 1e-6);
  ASSERT_THAT(WriteCalibrated(bundle, *outcome, folder_.path() + "/models", true), IsOk());
  EXPECT_THAT(OpenBundle(bundle_), IsOk());
}

TEST_F(ToolsTest, EvaluationIsWrittenInAllForms) {
  const Bundle bundle = *OpenBundle(bundle_);
  const auto rows = Rows(60, 0.11), far = Rows(20, 1.7);
  const auto images = Look(bundle, rows);
  ASSERT_THAT(images, IsOk());
  const auto outcome = FitCalibration(Halve(*images, 1), {}, {}, {});
  ASSERT_THAT(outcome, IsOk());
  const auto written = WriteCalibrated(bundle, *outcome, folder_.path() + "/out", false);
  ASSERT_THAT(written, IsOk());
  const Bundle calibrated = *OpenBundle(*written);
  const auto calibration = Calibration::Load(calibrated);
  Evaluation evaluation{"tiny@3", calibrated.weights_sha256, "cpu float32", "waves", "", {}, {}};
  GuidedScores run;
  run.guidance = "generated_report";
  run.images = *Look(calibrated, rows, &**calibration);
  std::vector<ImageScore> scores;
  for (const Examined& image : run.images) {
    scores.push_back(image.score);
  }
  run.scores = ScoreDataSet(scores, 50, 0);
  run.subgroups = ScoreSubgroups(scores, 50, 0);
  evaluation.runs.push_back(run);
  ASSERT_THAT(ScoreOutside("far", *Look(calibrated, far, &**calibration), evaluation), IsOk());
  const auto json = nlohmann::json::parse(ToJson(evaluation).dump());
  EXPECT_EQ(json["n"], 60);
  EXPECT_EQ(json["guidance"], "generated_report");
  EXPECT_GT(json["outside"]["auroc"], 0.9);
  EXPECT_EQ(json["calibration"].size(), 10U);
  EXPECT_EQ(json["runs"]["generated_report"]["dice"], json["dice"]);

  const std::string page = folder_.Sub("pages") + "/waves.md";
  ASSERT_THAT(WritePage(evaluation, page), IsOk());
  EXPECT_THAT(*ReadFile(page), HasSubstr("(waves-outside.png)"));
  for (const char* chart : {"calibration", "expected", "subgroups", "hd95", "outside"}) {
    const auto png = ReadFile(absl::StrCat(folder_.path(), "/pages/waves-", chart, ".png"));
    ASSERT_THAT(png, IsOk());
    EXPECT_EQ(png->substr(1, 3), "PNG");
  }
  EXPECT_THAT(ScoreOutside("far", *Look(bundle, far), evaluation),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("lingula-calibrate")));
}

}  // namespace
}  // namespace lingula
