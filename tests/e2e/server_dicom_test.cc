// What a caller who sends DICOM sees; and what nobody may see.
#include <algorithm>
#include <string>
#include <vector>

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcuid.h>

#include "google/rpc/status.pb.h"
#include "tests/e2e/server_fixture.h"
#include "tests/support/fake_dicom.h"

namespace lingula {
namespace {

using grpc::StatusCode;
using test::FakeDicom;
using test::Picture;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class DicomTest : public test::ServerTest {
 protected:
  static FakeDicom Film() { return FakeDicom(Picture(40, 24, {4, 2, 16, 8})); }

  v1::SegmentResponse Answer(FakeDicom& dicom) {
    v1::SegmentResponse response;
    const grpc::Status status = Segment(Request(dicom.Write()), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
};

TEST_F(DicomTest, TheMaskIsThatOfThePixels) {
  FakeDicom dicom = Film();
  const v1::SegmentResponse from_dicom = Answer(dicom);
  v1::SegmentResponse from_png;
  ASSERT_TRUE(Segment(Request(test::GoodPng()), &from_png).ok());
  EXPECT_EQ(from_dicom.masks(0).png(), from_png.masks(0).png());
  EXPECT_EQ(from_dicom.dicom().frame_number(), 1U);
  EXPECT_EQ(from_dicom.dicom().frame_count(), 1U);
  EXPECT_EQ(from_dicom.dicom().viewer_left(), v1::VIEWER_LEFT_UNSPECIFIED);
  EXPECT_FALSE(from_png.has_dicom());
}

TEST_F(DicomTest, TheFileSaysWhoseSideIsShown) {
  FakeDicom dicom = Film();
  dicom.Put(DCM_PatientOrientation, "L\\F");
  v1::SegmentRequest request = Request(dicom.Write());
  request.set_want_location_text(true);
  v1::SegmentResponse response;
  ASSERT_TRUE(Segment(request, &response).ok());
  EXPECT_EQ(response.dicom().viewer_left(), v1::VIEWER_LEFT_IS_PATIENT_RIGHT);
  EXPECT_EQ(response.location().findings(0).patient_side(), v1::PATIENT_SIDE_RIGHT);
  request.set_viewer_left(v1::VIEWER_LEFT_IS_PATIENT_RIGHT);
  EXPECT_TRUE(Segment(request).ok());
  request.set_viewer_left(v1::VIEWER_LEFT_IS_PATIENT_LEFT);
  const grpc::Status status = Segment(request);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("Patient Orientation"));
}

TEST_F(DicomTest, WithoutOrientationTheRequestSaysIt) {
  FakeDicom dicom = Film();
  v1::SegmentRequest request = Request(dicom.Write());
  request.set_viewer_left(v1::VIEWER_LEFT_IS_PATIENT_LEFT);
  v1::SegmentResponse response;
  ASSERT_TRUE(Segment(request, &response).ok());
  EXPECT_EQ(response.dicom().viewer_left(), v1::VIEWER_LEFT_IS_PATIENT_LEFT);
}

TEST_F(DicomTest, FactsOfTheFileBecomeFlags) {
  struct Case {
    DcmTagKey tag;
    const char* value;
    v1::Flag flag;
  };
  FakeDicom plain = Film();
  const v1::SegmentResponse unflagged = Answer(plain);
  for (const Case& c : {Case{DCM_BurnedInAnnotation, "YES", v1::FLAG_BURNED_IN_TEXT},
                        Case{DCM_LossyImageCompression, "01", v1::FLAG_LOSSY_INPUT},
                        Case{DCM_ViewPosition, "LL", v1::FLAG_WRONG_VIEW},
                        Case{DCM_PatientOrientation, "P\\F", v1::FLAG_WRONG_VIEW},
                        Case{DCM_BodyPartExamined, "HAND", v1::FLAG_WRONG_MODALITY},
                        Case{DCM_Modality, "ES", v1::FLAG_WRONG_MODALITY},
                        Case{DCM_RescaleSlope, "2", v1::FLAG_PHOTOMETRIC_FALLBACK}}) {
    EXPECT_THAT(unflagged.flags(), Not(Contains(c.flag)));
    FakeDicom dicom = Film();
    dicom.Put(c.tag, c.value);
    EXPECT_THAT(Answer(dicom).flags(), Contains(c.flag)) << c.value;
  }
}

TEST_F(DicomTest, FramesAreChosenAndCounted) {
  cv::Mat both(48, 40, CV_8UC1, cv::Scalar(0));
  both(cv::Rect(4, 2, 16, 8)).setTo(255);
  both(cv::Rect(20, 34, 16, 8)).setTo(255);
  FakeDicom dicom(both);
  dicom.Put(DCM_Rows, 24).Put(DCM_NumberOfFrames, "2");
  v1::SegmentRequest request = Request(dicom.Write());
  v1::SegmentResponse first;
  v1::SegmentResponse second;
  ASSERT_TRUE(Segment(request, &first).ok());
  request.mutable_image()->set_frame_number(2);
  ASSERT_TRUE(Segment(request, &second).ok());
  EXPECT_EQ(second.dicom().frame_number(), 2U);
  EXPECT_EQ(second.dicom().frame_count(), 2U);
  EXPECT_NE(first.masks(0).png(), second.masks(0).png());
  request.mutable_image()->set_frame_number(3);
  EXPECT_EQ(Segment(request).error_code(), StatusCode::OUT_OF_RANGE);
  v1::SegmentRequest png = Request(test::GoodPng());
  png.mutable_image()->set_frame_number(1);
  EXPECT_EQ(Segment(png).error_code(), StatusCode::INVALID_ARGUMENT);
}

TEST_F(DicomTest, ObjectsWithoutAPictureAreRefused) {
  FakeDicom dicom = Film();
  dicom.Put(DCM_SOPClassUID, UID_RTDoseStorage);
  const grpc::Status status = Segment(Request(dicom.Write()));
  EXPECT_EQ(status.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("RT Dose"));
}

TEST_F(DicomTest, AFileThatClaimsTooMuchIsOutOfRange) {
  FakeDicom dicom = Film();
  dicom.Put(DCM_Rows, 2000).Put(DCM_Columns, 2000);
  EXPECT_EQ(Segment(Request(dicom.Write())).error_code(), StatusCode::OUT_OF_RANGE);
}

// Each value begins with what a search of everything written will find.
FakeDicom FilmOfSomebody() {
  FakeDicom dicom(Picture(40, 24, {4, 2, 16, 8}));
  dicom.Put(DCM_PatientName, "MARKER^NAME")
      .Put(DCM_PatientID, "MARKER-ID")
      .Put(DCM_PatientBirthDate, "19790613")
      .Put(DCM_PatientAddress, "MARKER STREET")
      .Put(DCM_InstitutionName, "MARKER HOSPITAL")
      .Put(DCM_ReferringPhysicianName, "MARKER^DOCTOR")
      .Put(DCM_StudyDescription, "MARKER STUDY")
      .Put(DCM_AccessionNumber, "MARKER-ACC")
      .Put(DCM_StudyInstanceUID, "2.25.197906131")
      .Put(DCM_SeriesInstanceUID, "2.25.197906132")
      .Put(DCM_SOPInstanceUID, "2.25.197906133");
  return dicom;
}

// The same with a slip in each attribute that decoding reads: the patient's name where a code or a
// number belongs.
std::vector<std::string> FilesOfSomebody() {
  const std::string whole = FilmOfSomebody().Write();
  std::vector<std::string> files = {whole};
  for (const DcmTagKey& tag :
       {DCM_PhotometricInterpretation, DCM_Modality, DCM_BodyPartExamined, DCM_ViewPosition,
        DCM_PatientOrientation, DCM_WindowCenter, DCM_WindowWidth, DCM_RescaleSlope,
        DCM_NumberOfFrames, DCM_SOPClassUID, DCM_PresentationLUTShape, DCM_VOILUTFunction,
        DCM_LossyImageCompression, DCM_BurnedInAnnotation, DCM_PresentationIntentType}) {
    FakeDicom dicom = FilmOfSomebody();
    dicom.Put(tag, "MARKER^NAME");
    files.push_back(dicom.Write());
  }
  for (size_t bytes = 100; bytes < whole.size(); bytes += 37) {
    files.push_back(whole.substr(0, bytes));
    std::string flipped = whole;
    flipped[bytes] = static_cast<char>(flipped[bytes] ^ 0x11);
    files.push_back(flipped);
  }
  return files;
}

TEST_F(DicomTest, NothingOfThePatientIsWrittenAnywhere) {
  std::string written;
  int refused = 0;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  for (const std::string& file : FilesOfSomebody()) {
    v1::SegmentRequest request = Request(file);
    request.set_want_location_text(true);
    v1::SegmentResponse response;
    const grpc::Status status = Segment(request, &response);
    written += status.error_message() + status.error_details() + response.SerializeAsString();
    refused += status.ok() ? 0 : 1;
  }
  written += Scrape();
  engine_->Release();
  server_.reset();  // which writes its last lines
  written += testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
  EXPECT_GT(refused, 10) << "messages are part of what is searched";
  EXPECT_THAT(written, HasSubstr("lingula_")) << "so are metrics";
  for (const char* mark : {"MARKER", "19790613", "197906131", "197906132", "197906133"}) {
    EXPECT_THAT(written, Not(HasSubstr(mark)));
  }
  SetUp();  // for the fixture's end
}

}  // namespace
}  // namespace lingula
