#include <gmock/gmock.h>

#include "server/service/segment_job.h"
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

class SegmentJobDicomTest : public testing::Test {
 protected:
  SegmentJobDicomTest()
      : models_(*ModelTable::Create(test::Sources(test::FakeSource("xray", "1")), {}, Clock::Real(),
                                    metrics_)) {
    request_.mutable_image()->set_encoded("bytes");
  }

  Metrics metrics_;
  const std::unique_ptr<ModelTable> models_;
  v1::SegmentRequest request_;
};

// The first bytes of a Part 10 file.
std::string DicomStart() {
  return std::string(128, '\0') + "DICM";
}

TEST_F(SegmentJobDicomTest, DicomResultsNeedADicomFile) {
  request_.add_mask_formats(v1::MASK_FORMAT_PNG);
  request_.add_mask_formats(v1::MASK_FORMAT_DICOM_SEG);
  request_.add_mask_formats(v1::MASK_FORMAT_DICOM_SEG_FRACTIONAL);
  request_.set_want_structured_report(true);
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument,
                                AllOf(HasSubstr("mask_formats[1]"), HasSubstr("mask_formats[2]"),
                                      HasSubstr("want_structured_report"), HasSubstr("DICOM"),
                                      Not(HasSubstr("mask_formats[0]"))));
  EXPECT_THAT(JobFrom(request_, *models_), refused);
  request_.mutable_image()->mutable_raw()->set_format(v1::PIXEL_FORMAT_GRAY8);
  EXPECT_THAT(JobFrom(request_, *models_), refused);
  request_.mutable_image()->mutable_tensor();
  EXPECT_THAT(JobFrom(request_, *models_), refused);
  request_.mutable_image()->set_encoded(DicomStart());
  const auto job = JobFrom(request_, *models_);
  ASSERT_THAT(job, IsOk());
  EXPECT_TRUE(job->WantsDicom());
  EXPECT_THAT(job->forms,
              ElementsAre(MaskForm::kPng, MaskForm::kDicomSeg, MaskForm::kDicomSegFractional));
}

TEST_F(SegmentJobDicomTest, OtherFormsWantNothingOfADicomFile) {
  request_.mutable_image()->set_encoded(DicomStart());
  EXPECT_FALSE(JobFrom(request_, *models_)->WantsDicom());
  request_.set_want_structured_report(true);
  EXPECT_TRUE(JobFrom(request_, *models_)->WantsDicom());
}

}  // namespace
}  // namespace lingula
