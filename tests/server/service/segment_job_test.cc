#include "server/service/segment_job.h"

#include <cmath>
#include <functional>
#include <limits>

#include <gmock/gmock.h>

#include "model/text/report_grammar.h"
#include "server/service/errors.h"
#include "tests/server/service/fake_models.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class SegmentJobTest : public testing::Test {
 protected:
  SegmentJobTest() {
    request_.mutable_image()->set_encoded("bytes");
    test::FakeEngine::Ways told, recalls, reads;
    told.generated_report = recalls.generated_report = false;
    recalls.prototypes = true;
    reads.free_text = true;
    models_ = *ModelTable::Create(
        test::Sources(test::FakeSource("xray", "1"), test::FakeSource("xray", "2"),
                      test::FakeSource("told", "1", nullptr, told),
                      test::FakeSource("recalls", "1", nullptr, recalls),
                      test::FakeSource("reads", "1", nullptr, reads)),
        {}, Clock::Real(), metrics_);
  }

  Metrics metrics_;
  std::unique_ptr<ModelTable> models_;
  v1::SegmentRequest request_;
};

TEST_F(SegmentJobTest, TheLeastRequestGetsDefaults) {
  const auto job = JobFrom(request_, *models_);
  ASSERT_THAT(job, IsOk());
  EXPECT_EQ(job->model->id(), "xray@1");
  EXPECT_EQ(job->request_id.size(), 32U);
  EXPECT_EQ(std::get<absl::string_view>(job->image), "bytes");
  EXPECT_EQ(job->guidance, GuidanceMode::kGeneratedReport);
  EXPECT_THAT(job->forms, ElementsAre(MaskForm::kPng));
  EXPECT_EQ(job->threshold, 0.5F);
  EXPECT_FALSE(job->want_location);
  EXPECT_EQ(job->viewer_left, ViewerLeft::kUnknown);
  EXPECT_NE(JobFrom(request_, *models_)->request_id, job->request_id) << "fresh each time";
}

TEST_F(SegmentJobTest, AModelsOwnWayIsTheDefault) {
  request_.set_model("recalls");
  EXPECT_EQ(JobFrom(request_, *models_)->guidance, GuidanceMode::kPrototypes);
  request_.set_model("told");
  EXPECT_THAT(JobFrom(request_, *models_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("told@1"), HasSubstr("GUIDANCE_MODE_REPORT"))));
}

TEST_F(SegmentJobTest, SecondOpinionsAreForModelsThatGuideThemselves) {
  request_.set_want_second_opinion(true);
  EXPECT_TRUE(JobFrom(request_, *models_)->want_second_opinion);
  request_.mutable_guidance()->set_mode(v1::GUIDANCE_MODE_REPORT);
  request_.mutable_guidance()->set_report(ReportFor(ZoneBits(1)));
  EXPECT_THAT(JobFrom(request_, *models_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                                    HasSubstr("the model's own guidance")));
  request_.set_model("told");
  EXPECT_THAT(JobFrom(request_, *models_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("told@1 gives none")));
}

TEST_F(SegmentJobTest, LocalesAreLookedUp) {
  request_.set_locale("en-GB");
  EXPECT_EQ(JobFrom(request_, *models_)->phrases, &kEnglish);
  request_.set_locale("xx");
  EXPECT_THAT(JobFrom(request_, *models_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("locale: "), HasSubstr("one of: en"))));
}

TEST_F(SegmentJobTest, FreeTextIsForModelsThatReadIt) {
  request_.set_model("reads");
  request_.mutable_guidance()->set_mode(v1::GUIDANCE_MODE_REPORT);
  request_.mutable_guidance()->set_report("Ground-glass opacities, naïvely put");
  const auto job = JobFrom(request_, *models_);
  ASSERT_THAT(job, IsOk());
  EXPECT_EQ(job->free_text, "Ground-glass opacities, naïvely put");
  // What the grammar knows takes the table, whoever says it.
  request_.mutable_guidance()->set_report(
      "Unilateral pulmonary infection, one infected area, lower left lung.");
  EXPECT_EQ(JobFrom(request_, *models_)->free_text, "");
  EXPECT_EQ(JobFrom(request_, *models_)->report, ZoneBits(0b000100));
}

TEST_F(SegmentJobTest, EveryFieldIsTaken) {
  request_.set_request_id("a~!7");
  request_.set_model("xray@2");
  request_.set_modality(v1::MODALITY_CHEST_XRAY);
  ZoneBits zones;
  zones.set(static_cast<size_t>(Zone::kImageLeftLower));
  request_.mutable_guidance()->set_mode(v1::GUIDANCE_MODE_REPORT);
  request_.mutable_guidance()->set_report(ReportFor(zones));
  request_.add_mask_formats(v1::MASK_FORMAT_OVERLAY_PNG);
  request_.add_mask_formats(v1::MASK_FORMAT_COCO_RLE);
  request_.set_threshold(0.25F);
  request_.set_want_location_text(true);
  request_.set_viewer_left(v1::VIEWER_LEFT_IS_PATIENT_RIGHT);
  v1::RawImage& raw = *request_.mutable_image()->mutable_raw();
  raw.set_width(3);
  raw.set_height(2);
  raw.set_stride_bytes(8);
  raw.set_format(v1::PIXEL_FORMAT_GRAY16);
  raw.set_data("0123");
  const auto job = JobFrom(request_, *models_);
  ASSERT_THAT(job, IsOk());
  EXPECT_EQ(job->request_id, "a~!7");
  EXPECT_EQ(job->model->id(), "xray@2");
  EXPECT_EQ(job->guidance, GuidanceMode::kReport);
  EXPECT_EQ(job->report, zones);
  EXPECT_THAT(job->forms, ElementsAre(MaskForm::kOverlayPng, MaskForm::kCocoRle));
  EXPECT_EQ(job->threshold, 0.25F);
  EXPECT_TRUE(job->want_location);
  EXPECT_EQ(job->viewer_left, ViewerLeft::kPatientRight);
  const RawPixels& pixels = std::get<RawPixels>(job->image);
  EXPECT_EQ(pixels.width, 3);
  EXPECT_EQ(pixels.height, 2);
  EXPECT_EQ(pixels.stride_bytes, 8);
  EXPECT_EQ(pixels.format, PixelFormat::kGray16);
  EXPECT_EQ(pixels.data, "0123");
}

TEST_F(SegmentJobTest, TensorsAndAllFormsOfThemAreTaken) {
  v1::ImageTensor& tensor = *request_.mutable_image()->mutable_tensor();
  for (const uint32_t axis : {1, 32, 32}) {
    tensor.add_shape(axis);
  }
  tensor.set_data(std::string(4096, 'x'));
  request_.add_mask_formats(v1::MASK_FORMAT_PACKED_BITS);
  request_.add_mask_formats(v1::MASK_FORMAT_POLYGONS);
  request_.add_mask_formats(v1::MASK_FORMAT_PROBABILITIES_UINT8);
  request_.add_mask_formats(v1::MASK_FORMAT_PROBABILITIES_FLOAT32);
  const auto job = JobFrom(request_, *models_);
  ASSERT_THAT(job, IsOk());
  EXPECT_EQ(std::get<TensorPixels>(job->image).data.data(), tensor.data().data()) << "no copy";
  EXPECT_THAT(job->forms,
              ElementsAre(MaskForm::kPackedBits, MaskForm::kPolygons, MaskForm::kProbabilitiesUint8,
                          MaskForm::kProbabilitiesFloat32));
}

TEST_F(SegmentJobTest, AllWrongFieldsAreNamedAtOnce) {
  request_.set_request_id("two words");
  request_.clear_image();
  request_.set_threshold(1.0F);
  EXPECT_THAT(JobFrom(request_, *models_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("request_id: "), HasSubstr("image: "),
                             HasSubstr("threshold: "), Not(HasSubstr("two words")))));
}

struct Mistake {
  const char* name;
  std::function<void(v1::SegmentRequest&)> make;
  absl::StatusCode code;
  const char* message;
};

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

void SetReport(v1::SegmentRequest& request, const std::string& report) {
  request.mutable_guidance()->set_mode(v1::GUIDANCE_MODE_REPORT);
  request.mutable_guidance()->set_report(report);
}

void SetTensor(v1::SegmentRequest& request, const std::vector<uint32_t>& shape, size_t bytes) {
  v1::ImageTensor& tensor = *request.mutable_image()->mutable_tensor();
  tensor.mutable_shape()->Add(shape.begin(), shape.end());
  tensor.set_data(std::string(bytes, '\0'));
}

const Mistake kMistakes[] = {
    {"id_too_long", [](auto& r) { r.set_request_id(std::string(129, 'x')); }, kInvalid,
     "request_id: must be at most 128 bytes, got 129"},
    {"id_with_space", [](auto& r) { r.set_request_id("a b"); }, kInvalid, "request_id: "},
    {"id_with_newline", [](auto& r) { r.set_request_id("a\nb"); }, kInvalid, "request_id: "},
    {"id_not_ascii", [](auto& r) { r.set_request_id("\xc3\xa9"); }, kInvalid, "request_id: "},
    {"no_image", [](auto& r) { r.clear_image(); }, kInvalid, "image: must hold one source"},
    {"no_source", [](auto& r) { r.mutable_image()->clear_source(); }, kInvalid, "image: "},
    {"empty_file", [](auto& r) { r.mutable_image()->set_encoded(""); }, kInvalid,
     "image.encoded: is empty"},
    {"tensor_shape",
     [](auto& r) {
       SetTensor(r, {1, 16, 64}, 4096);
     },
     kInvalid, "image.tensor.shape: model xray@1 reads [1, 32, 32]"},
    {"tensor_without_shape", [](auto& r) { SetTensor(r, {}, 4096); }, kInvalid,
     "image.tensor.shape: "},
    {"tensor_length",
     [](auto& r) {
       SetTensor(r, {1, 32, 32}, 4095);
     },
     kInvalid, "image.tensor.data: must be 4096 bytes of float32, got 4095"},
    {"overlay_of_a_tensor",
     [](auto& r) {
       SetTensor(r, {1, 32, 32}, 4096);
       r.add_mask_formats(v1::MASK_FORMAT_PNG);
       r.add_mask_formats(v1::MASK_FORMAT_OVERLAY_PNG);
     },
     kInvalid, "mask_formats[1]: OVERLAY_PNG needs a picture"},
    {"raw_without_format", [](auto& r) { r.mutable_image()->mutable_raw()->set_width(1); },
     kInvalid, "image.raw.format: "},
    {"raw_with_unknown_format",
     [](auto& r) {
       r.mutable_image()->mutable_raw()->set_format(static_cast<v1::PixelFormat>(99));
     },
     kInvalid, "image.raw.format: "},
    {"unknown_modality", [](auto& r) { r.set_modality(static_cast<v1::Modality>(99)); }, kInvalid,
     "modality: is not"},
    {"other_modality",
     [](auto& r) {
       r.set_model("xray");
       r.set_modality(v1::MODALITY_ENDOSCOPY);
     },
     kInvalid, "modality: model xray@2 reads MODALITY_CHEST_XRAY only"},
    {"no_model_of_modality", [](auto& r) { r.set_modality(v1::MODALITY_ENDOSCOPY); },
     absl::StatusCode::kNotFound, "xray@1"},
    {"unknown_model", [](auto& r) { r.set_model("other"); }, absl::StatusCode::kNotFound,
     "loaded: reads@1, recalls@1, told@1, xray@1, xray@2"},
    {"form_unspecified", [](auto& r) { r.add_mask_formats(v1::MASK_FORMAT_UNSPECIFIED); }, kInvalid,
     "mask_formats[0]: "},
    {"form_unknown", [](auto& r) { r.add_mask_formats(static_cast<v1::MaskFormat>(99)); }, kInvalid,
     "mask_formats[0]: "},
    {"form_twice",
     [](auto& r) {
       r.add_mask_formats(v1::MASK_FORMAT_PNG);
       r.add_mask_formats(v1::MASK_FORMAT_PNG);
     },
     kInvalid, "mask_formats[1]: each form at most once"},
    {"threshold_0", [](auto& r) { r.set_threshold(0); }, kInvalid, "threshold: "},
    {"threshold_1", [](auto& r) { r.set_threshold(1); }, kInvalid, "threshold: "},
    {"threshold_nan", [](auto& r) { r.set_threshold(std::nanf("")); }, kInvalid, "threshold: "},
    {"threshold_inf", [](auto& r) { r.set_threshold(std::numeric_limits<float>::infinity()); },
     kInvalid, "threshold: "},
    {"viewer_left_unknown", [](auto& r) { r.set_viewer_left(static_cast<v1::ViewerLeft>(9)); },
     kInvalid, "viewer_left: "},
    {"mode_unknown",
     [](auto& r) { r.mutable_guidance()->set_mode(static_cast<v1::GuidanceMode>(9)); }, kInvalid,
     "guidance.mode: "},
    {"report_without_mode", [](auto& r) { r.mutable_guidance()->set_report("x"); }, kInvalid,
     "guidance.report: only with"},
    {"report_missing", [](auto& r) { SetReport(r, ""); }, kInvalid, "guidance.report: must be"},
    {"report_blank", [](auto& r) { SetReport(r, " \t\n "); }, kInvalid, "not blank"},
    {"report_too_long", [](auto& r) { SetReport(r, std::string(1025, 'x')); }, kInvalid,
     "guidance.report: must be at most 1024 bytes, got 1025"},
    {"report_outside_grammar", [](auto& r) { SetReport(r, "all is well"); }, kPrecondition,
     "guidance.report: "},
    {"unsupported_mode",
     [](auto& r) { r.mutable_guidance()->set_mode(v1::GUIDANCE_MODE_PROTOTYPES); }, kPrecondition,
     "guidance.mode: model xray@1"},
};

TEST_F(SegmentJobTest, EachMistakeHasItsCodeAndField) {
  for (const Mistake& mistake : kMistakes) {
    SCOPED_TRACE(mistake.name);
    v1::SegmentRequest request = request_;
    mistake.make(request);
    const auto job = JobFrom(request, *models_);
    EXPECT_THAT(job, StatusIs(mistake.code, HasSubstr(mistake.message)));
    EXPECT_EQ(ToGrpcStatus(job.status()).error_details().empty(), mistake.code != kInvalid)
        << "a BadRequest detail for INVALID_ARGUMENT";
  }
}

}  // namespace
}  // namespace lingula
