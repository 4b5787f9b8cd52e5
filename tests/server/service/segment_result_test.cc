#include "server/service/segment_result.h"
#include "server/service/segment_answer.h"

#include <gmock/gmock.h>

#include "tests/model/bundle/bundle_files.h"
#include "tests/server/service/fake_models.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using testing::ElementsAre;

class SegmentResultTest : public testing::Test {
 protected:
  SegmentResultTest() {
    Serve(test::FakeSource("xray", "1"));
    job_.request_id = "id";
    job_.forms = {MaskForm::kPng};
    job_.want_location = true;
  }

  void Serve(ModelSource source) {
    job_.model.reset();  // the old table waits for it
    models_ = *ModelTable::Create(test::Sources(std::move(source)), {}, Clock::Real(), metrics_);
    job_.model = models_->models()[0];
  }

  // All pixels `p`, the lower zone on the image's left `zone`.
  SegmentResult JudgeFlat(float p, float zone, bool lossy = false) {
    Prediction prediction;
    prediction.probabilities.assign(32 * 32, p);
    prediction.zones.emplace()[static_cast<int>(Zone::kImageLeftLower)] = zone;
    prediction.guidance = job_.guidance;
    prediction.report = "words";
    SegmentResult result;
    mask_ = Judge(job_, std::move(prediction), {8, 5}, lossy, result);
    return result;
  }

  Metrics metrics_;
  std::unique_ptr<ModelTable> models_;
  SegmentJob job_;
  JudgedMask mask_;
};

TEST_F(SegmentResultTest, FiguresAreThoseOfTheSentSize) {
  const SegmentResult result = JudgeFlat(0.75F, 0.9F);
  EXPECT_EQ(mask_.mask.size(), cv::Size(8, 5));
  EXPECT_EQ(result.sums.foreground, 40);
  ASSERT_TRUE(result.trust.expected_dice.has_value());
  // 2 * 30 / (30 + 40)
  EXPECT_NEAR(*result.trust.expected_dice, 60.0 / 70.0, 1e-6);
  EXPECT_THAT(result.flags, ElementsAre(v1::FLAG_UNCALIBRATED));
  ASSERT_TRUE(result.location.has_value());
  ASSERT_EQ(result.location->findings.size(), 1U);
}

TEST_F(SegmentResultTest, AnEmptyMaskHasNoExpectedDice) {
  const SegmentResult result = JudgeFlat(0.25F, 0.1F);
  EXPECT_FALSE(result.trust.expected_dice.has_value());
  EXPECT_THAT(result.flags, ElementsAre(v1::FLAG_EMPTY_MASK));
  SegmentResult moved = result;
  v1::SegmentResponse response;
  MoveInto(moved, response);
  EXPECT_FALSE(response.quality().has_expected_dice());
  EXPECT_EQ(response.quality().foreground_pixels(), 0U);
  EXPECT_NEAR(response.quality().sum_probability(), 10, 1e-4);
}

// Expected Dice is half of the soft Dice, within 0.1; pictures are known by one feature around 5.
ModelSource Calibrated(const test::TempFolder& folder) {
  const std::string path = folder.Sub("tiny/3");
  test::WriteSmallBundle(path);
  bundle::v1::Manifest manifest = test::SmallManifest();
  DiceMap map;
  map.terms = {{TrustTerm::kSoftDice, 0, 1, 1}};
  map.points = {{0, 0}, {1, 0.5}};
  map.intervals = {{1, 0.1, 0.1}};
  PutInto(map, *manifest.mutable_calibration());
  manifest.mutable_calibration()->set_coverage(0.9);
  for (int i = 0; i <= 20; ++i) {
    manifest.mutable_calibration()->mutable_outliers()->add_quantiles(i / 10.0);
  }
  manifest.mutable_calibration()->mutable_outliers()->set_threshold(1.5);
  EXPECT_THAT(WriteCloud({{5}, {1}, {1}}, path), IsOk());
  EXPECT_THAT(WriteManifest(path, manifest, FilesOf(manifest)), IsOk());
  return SourceFrom(*OpenBundle(path), std::make_unique<test::FakeEngine>()).value();
}

TEST_F(SegmentResultTest, ACalibratedModelSaysHowSureItIs) {
  const test::TempFolder folder;
  Serve(Calibrated(folder));
  const auto judged = [&](float feature) {
    Prediction prediction;
    prediction.probabilities.assign(32 * 32, 0.75F);
    prediction.guidance = job_.guidance;
    prediction.features = {feature};
    SegmentResult result;
    Judge(job_, std::move(prediction), {8, 5}, false, result);
    return result;
  };
  SegmentResult result = judged(5.5F);
  EXPECT_THAT(result.flags, ElementsAre(v1::FLAG_LOW_CONFIDENCE));  // below 0.7
  v1::SegmentResponse response;
  MoveInto(result, response);
  const v1::Quality& quality = response.quality();
  EXPECT_TRUE(quality.calibrated());
  EXPECT_NEAR(quality.expected_dice(), 30.0 / 70, 1e-6);
  EXPECT_NEAR(quality.expected_dice_low(), 30.0 / 70 - 0.1, 1e-6);
  EXPECT_NEAR(quality.expected_dice_high(), 30.0 / 70 + 0.1, 1e-6);
  EXPECT_FLOAT_EQ(quality.coverage(), 0.9F);
  EXPECT_FLOAT_EQ(quality.outlier_distance(), 0.5F);
  EXPECT_FLOAT_EQ(quality.outlier_percentile(), 0.25F);
  EXPECT_THAT(judged(7).flags, ElementsAre(v1::FLAG_LOW_CONFIDENCE, v1::FLAG_OUT_OF_DISTRIBUTION));
  // Smoothed, of another threshold or of another guidance: the map was not made for such masks.
  job_.smoothed = true;
  EXPECT_THAT(judged(5).flags, ElementsAre(v1::FLAG_UNCALIBRATED));
  job_.smoothed = false;
  job_.threshold = 0.6F;
  EXPECT_THAT(judged(5).flags, ElementsAre(v1::FLAG_UNCALIBRATED));
  job_.threshold = 0.5F;
  job_.guidance = GuidanceMode::kReport;
  job_.report.set(0);
  EXPECT_THAT(judged(5).flags, ElementsAre(v1::FLAG_UNCALIBRATED));
}

TEST_F(SegmentResultTest, WithoutCalibrationNothingIsPromised) {
  SegmentResult result = JudgeFlat(0.75F, 0.9F);
  v1::SegmentResponse response;
  MoveInto(result, response);
  EXPECT_FALSE(response.quality().calibrated());
  EXPECT_FALSE(response.quality().has_expected_dice_low());
  EXPECT_FALSE(response.quality().has_coverage());
  EXPECT_FALSE(response.quality().has_outlier_distance());
}

TEST_F(SegmentResultTest, FlagsFollowWhatIsKnown) {
  EXPECT_THAT(JudgeFlat(0.25F, 0.9F).flags,
              ElementsAre(v1::FLAG_EMPTY_MASK, v1::FLAG_GUIDANCE_CONFLICT));
  EXPECT_THAT(JudgeFlat(0.75F, 0.1F, true).flags,
              ElementsAre(v1::FLAG_UNCALIBRATED, v1::FLAG_GUIDANCE_CONFLICT, v1::FLAG_LOSSY_INPUT));
  job_.threshold = 0.05F;  // everything is mask, at p = 0.1: 2 * 4 / (4 + 40) = 0.18
  EXPECT_THAT(JudgeFlat(0.1F, 0.9F).flags,
              ElementsAre(v1::FLAG_UNCALIBRATED, v1::FLAG_LOW_CONFIDENCE));
}

TEST_F(SegmentResultTest, WithACallersReportItsZonesCount) {
  job_.guidance = GuidanceMode::kReport;
  EXPECT_THAT(JudgeFlat(0.75F, 0.9F).flags,
              ElementsAre(v1::FLAG_UNCALIBRATED, v1::FLAG_GUIDANCE_CONFLICT));
  job_.report.set(0);
  EXPECT_THAT(JudgeFlat(0.75F, 0.1F).flags, ElementsAre(v1::FLAG_UNCALIBRATED));
}

TEST_F(SegmentResultTest, FreeTextHasNoZonesToDisagreeWith) {
  job_.guidance = GuidanceMode::kReport;
  job_.free_text = "any words";
  EXPECT_THAT(JudgeFlat(0.75F, 0.1F).flags, ElementsAre(v1::FLAG_UNCALIBRATED));
}

TEST_F(SegmentResultTest, PrototypesAndThePlaceOfTheMask) {
  bundle::v1::Manifest manifest = test::FakeManifest("recalls", "1");
  manifest.mutable_prolearn()->set_labels(kZones);
  ModelSource source = test::FakeSource("recalls", "1");
  source.manifest = manifest;
  Serve(std::move(source));
  Prediction prediction;
  prediction.probabilities.assign(32 * 32, 0.1F);
  std::fill_n(prediction.probabilities.begin(), 32 * 8, 0.9F);  // first axis is x: image left
  prediction.guidance = GuidanceMode::kPrototypes;
  prediction.prototypes = {{2, 11, 0.75F}, {5, 3, 0.5F}};
  prediction.prototype_margin = 0.125F;
  SegmentResult result;
  mask_ = Judge(job_, std::move(prediction), {8, 5}, false, result);
  v1::SegmentResponse response;
  MoveInto(result, response);
  const auto& guidance = response.guidance();
  EXPECT_EQ(guidance.mode(), v1::GUIDANCE_MODE_PROTOTYPES);
  EXPECT_EQ(guidance.zones_size(), 0);
  ASSERT_EQ(guidance.prototypes_size(), 2);
  EXPECT_EQ(guidance.prototypes(0).zone(), v1::ZONE_IMAGE_LEFT_LOWER);
  EXPECT_EQ(guidance.prototypes(0).label(), 2U);
  EXPECT_EQ(guidance.prototypes(0).index(), 11U);
  EXPECT_EQ(guidance.prototypes(1).similarity(), 0.5F);
  EXPECT_EQ(guidance.prototype_margin(), 0.125F);
  EXPECT_EQ(response.location().sentence(),
            "The marked area covers 25.0 % of the image; its centre lies on the left side of the "
            "image, in the middle third.");
}

TEST_F(SegmentResultTest, EverythingArrivesInTheResponse) {
  job_.forms = {MaskForm::kCocoRle, MaskForm::kOverlayPng, MaskForm::kPng};
  SegmentResult result = JudgeFlat(0.75F, 0.9F);
  const cv::Mat picture(5, 8, CV_8UC1, cv::Scalar(9));
  ASSERT_THAT(EncodeMasks(job_, mask_, picture, result), IsOk());
  result.times[Stage::kDecode] = 1;
  result.times[Stage::kTotal] = 7;
  result.batch.batch_size = 3;
  result.batch.cut = BatchCut::kDelay;
  v1::SegmentResponse response;
  MoveInto(result, response);
  EXPECT_EQ(response.request_id(), "id");
  EXPECT_EQ(response.model().name(), "xray");
  EXPECT_EQ(response.model().version(), "1");
  EXPECT_EQ(response.model().family(), "sgseg");
  EXPECT_EQ(response.model().weights_sha256().size(), 64U);
  ASSERT_EQ(response.masks_size(), 3);
  EXPECT_EQ(response.masks(0).format(), v1::MASK_FORMAT_COCO_RLE);
  EXPECT_EQ(response.masks(0).coco_rle().height(), 5U);
  EXPECT_EQ(response.masks(0).coco_rle().counts(), EncodeCocoRle(mask_.mask));
  EXPECT_EQ(response.masks(1).overlay_png().substr(1, 3), "PNG");
  EXPECT_EQ(response.masks(2).png().substr(1, 3), "PNG");
  EXPECT_EQ(response.masks(2).width(), 8U);
  EXPECT_EQ(response.guidance().mode(), v1::GUIDANCE_MODE_GENERATED_REPORT);
  ASSERT_EQ(response.guidance().zones_size(), kZones);
  EXPECT_EQ(response.guidance().zones(2).zone(), v1::ZONE_IMAGE_LEFT_LOWER);
  EXPECT_EQ(response.guidance().zones(2).probability(), 0.9F);
  EXPECT_EQ(response.guidance().model_input_report(), "words");
  EXPECT_EQ(response.location().findings(0).zone(), v1::ZONE_IMAGE_LEFT_LOWER);
  EXPECT_FALSE(response.location().sentence().empty());
  EXPECT_EQ(response.quality().area_share(), 1.0);
  EXPECT_EQ(response.quality().sum_mask(), 40.0);
  EXPECT_EQ(response.quality().max_probability(), 0.75F);
  EXPECT_EQ(response.timing().decode_us(), 1U);
  EXPECT_EQ(response.timing().total_us(), 7U);
  EXPECT_EQ(response.timing().batch_size(), 3U);
  EXPECT_EQ(response.timing().batch_cut(), v1::BATCH_CUT_DELAY);
  EXPECT_EQ(response.notice(), "For research use only.");
  EXPECT_EQ(response.threshold(), 0.5F);
}

}  // namespace
}  // namespace lingula
