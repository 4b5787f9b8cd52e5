#include "server/service/dicom_answer.h"

#include <gmock/gmock.h>

#include "absl/strings/match.h"
#include "server/service/segment_answer.h"
#include "server/service/segment_result.h"
#include "tests/model/dicom/synthetic_source.h"
#include "tests/server/service/fake_models.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;
using testing::Not;

constexpr int kColumns = 24, kRows = 16;

class DicomAnswerTest : public testing::Test {
 protected:
  DicomAnswerTest() {
    models_ = *ModelTable::Create(test::Sources(test::FakeSource("xray", "1")), {}, Clock::Real(),
                                  metrics_);
    job_.model = models_->models()[0];
    job_.forms = {MaskForm::kDicomSeg};
    job_.image = absl::string_view("a DICOM file");
  }

  // An answer whose pixels all have the probability `p`.
  absl::StatusOr<v1::SegmentResponse> Answer(float p, std::shared_ptr<const DicomSource> source) {
    Prediction prediction;
    prediction.probabilities.assign(32 * 32, p);
    prediction.zones.emplace()[static_cast<int>(Zone::kImageLeftLower)] = 0.9F;
    SegmentResult result;
    result.dicom.source = std::move(source);
    const JudgedMask mask = Judge(job_, std::move(prediction), {kColumns, kRows}, false, result);
    if (absl::Status status = EncodeMasks(job_, mask, {}, result); !status.ok()) {
      return status;
    }
    v1::SegmentResponse response;
    MoveInto(result, response);
    return response;
  }

  Metrics metrics_;
  std::unique_ptr<ModelTable> models_;
  SegmentJob job_;
};

TEST_F(DicomAnswerTest, ParametersAreAllThatChangesTheMask) {
  job_.threshold = 0.3F;
  EXPECT_EQ(AlgorithmOf(job_).parameters, "threshold=0.300000012 guidance=generated_report");
  job_.guidance = GuidanceMode::kReport;
  job_.report.set(0);
  EXPECT_EQ(AlgorithmOf(job_).parameters, "threshold=0.300000012 guidance=report zones=000001");
  job_.guidance = GuidanceMode::kPrototypes;
  EXPECT_EQ(AlgorithmOf(job_).parameters, "threshold=0.300000012 guidance=prototypes");
}

TEST_F(DicomAnswerTest, ACallersWordsAreADigestOnly) {
  job_.guidance = GuidanceMode::kReport;
  job_.free_text = "Mr Doe's left lung";
  const std::string parameters = AlgorithmOf(job_).parameters;
  EXPECT_THAT(parameters, HasSubstr("text_sha256="));
  EXPECT_THAT(parameters, Not(HasSubstr("Doe")));
  job_.free_text = "Mr Roe's left lung";
  EXPECT_NE(AlgorithmOf(job_).parameters, parameters);
}

TEST_F(DicomAnswerTest, NamesModelAndWeights) {
  const DicomAlgorithm algorithm = AlgorithmOf(job_);
  EXPECT_EQ(algorithm.name + "@" + algorithm.version, "xray@1");
  EXPECT_EQ(algorithm.family, "sgseg");
  EXPECT_EQ(algorithm.digest.size(), 64U);
  EXPECT_EQ(TargetOf(*job_.model), DicomTarget::kLungOpacity);
}

TEST_F(DicomAnswerTest, BothSegmentationsArriveInTheResponse) {
  const auto source = SourceOf(*SyntheticChest(kColumns, kRows));
  job_.forms = {MaskForm::kDicomSegFractional, MaskForm::kDicomSeg};
  const auto response = Answer(0.75F, source);
  ASSERT_THAT(response, IsOk());
  ASSERT_EQ(response->masks_size(), 2);
  EXPECT_EQ(response->masks(0).format(), v1::MASK_FORMAT_DICOM_SEG_FRACTIONAL);
  EXPECT_EQ(response->masks(1).format(), v1::MASK_FORMAT_DICOM_SEG);
  EXPECT_TRUE(absl::StrContains(response->masks(0).dicom_seg(), "FRACTIONAL"));
  EXPECT_TRUE(absl::StrContains(response->masks(1).dicom_seg(), "BINARY"));
  EXPECT_EQ(response->structured_report(), "");
}

TEST_F(DicomAnswerTest, TheReportSaysWhereAndHowSure) {
  const auto source = SourceOf(*SyntheticChest(kColumns, kRows));
  job_.want_structured_report = true;
  job_.want_location = true;
  const auto response = Answer(0.75F, source);
  ASSERT_THAT(response, IsOk());
  const std::string& report = response->structured_report();
  EXPECT_TRUE(absl::StrContains(report, response->location().sentence()));
  EXPECT_TRUE(absl::StrContains(report, "EXPECTED_DICE"));
  EXPECT_TRUE(absl::StrContains(report, "IMG_LEFT_LOWER"));
  EXPECT_TRUE(absl::StrContains(report, "UNCALIBRATED"));
  EXPECT_TRUE(absl::StrContains(report, UID_SegmentationStorage));
}

TEST_F(DicomAnswerTest, AReportWithoutSegmentationRefersToThePictureOnly) {
  const auto source = SourceOf(*SyntheticChest(kColumns, kRows));
  job_.want_structured_report = true;
  job_.forms = {MaskForm::kPng};
  const auto response = Answer(0.75F, source);
  ASSERT_THAT(response, IsOk());
  EXPECT_FALSE(absl::StrContains(response->structured_report(), UID_SegmentationStorage));
  EXPECT_TRUE(absl::StrContains(response->structured_report(), "side of the image"));
  EXPECT_FALSE(response->has_location()) << "not asked for";
}

TEST_F(DicomAnswerTest, ASourceThatNothingCanReferToIsTheCallersFault) {
  const auto file = SyntheticChest(kColumns, kRows);
  file->getDataset()->putAndInsertString(DCM_SOPInstanceUID, "none");
  const auto source = SourceOf(*file);
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("SOP Instance UID"));
  EXPECT_THAT(Answer(0.75F, source).status(), refused);
  job_.forms = {MaskForm::kPng};
  job_.want_structured_report = true;
  EXPECT_THAT(Answer(0.75F, source).status(), refused);
}

}  // namespace
}  // namespace lingula
