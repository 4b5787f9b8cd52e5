// Objects that are no pictures, encodings that are not read, sizes that are claimed.
#include <string>

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <gmock/gmock.h>
#include <opencv2/core.hpp>

#include "model/dicom/dicom_picture.h"
#include "tests/support/fake_dicom.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using absl::StatusCode;
using test::FakeDicom;
using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

FakeDicom Film() {
  return FakeDicom(cv::Mat(16, 20, CV_8UC1, cv::Scalar(9)));
}

TEST(RefusalsTest, ObjectsWithoutAPictureForPeopleAreRefusedWithTheReason) {
  struct Case {
    const char* sop_class;
    const char* reason;
  };
  for (const Case& c :
       {Case{UID_DigitalXRayImageStorageForProcessing, "FOR PROCESSING"},
        Case{UID_RTDoseStorage, "RT Dose"}, Case{UID_ComprehensiveSRStorage, "structured report"},
        Case{UID_SegmentationStorage, "segmentation"},
        Case{UID_EncapsulatedPDFStorage, "encapsulated document"},
        Case{UID_GrayscaleSoftcopyPresentationStateStorage, "presentation state"},
        Case{UID_RawDataStorage, "raw data"}}) {
    FakeDicom dicom = Film();
    dicom.Put(DCM_SOPClassUID, c.sop_class);
    EXPECT_THAT(DecodeDicom(dicom.Write(), {}),
                StatusIs(StatusCode::kFailedPrecondition, HasSubstr(c.reason)));
  }
  FakeDicom intent = Film();
  intent.Put(DCM_PresentationIntentType, "FOR PROCESSING");
  EXPECT_THAT(DecodeDicom(intent.Write(), {}),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("FOR PROCESSING")));
  FakeDicom none = Film();
  none.Remove(DCM_PixelData);
  EXPECT_THAT(DecodeDicom(none.Write(), {}),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("Pixel Data")));
}

TEST(RefusalsTest, UnknownEncodingsAreNamed) {
  std::string file = Film().Write();
  const std::string uid("1.2.840.10008.1.2.1\0", 20);
  const std::string mpeg("1.2.840.10008.1.2.9\0", 20);
  file.replace(file.find(uid), uid.size(), mpeg);
  EXPECT_THAT(DecodeDicom(file, {}),
              StatusIs(StatusCode::kUnimplemented, HasSubstr("1.2.840.10008.1.2.9")));
  const std::string words("JANE^DOE 1970-01-01\0", 20);
  file.replace(file.find(mpeg), mpeg.size(), words);
  const auto refused = DecodeDicom(file, {});
  EXPECT_THAT(refused, StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(refused.status().message()), testing::Not(HasSubstr("JANE")));
}

TEST(RefusalsTest, WhatTheAttributesClaimIsJudgedBeforeMemoryIsAskedFor) {
  PixelLimits limits;
  limits.max_pixels = 1000;
  EXPECT_THAT(DecodeDicom(Film().Write(), {1, 0, limits}), IsOk());
  FakeDicom large = Film();
  large.Put(DCM_Rows, 60000).Put(DCM_Columns, 60000);
  const std::string file = large.Write();
  EXPECT_THAT(DecodeDicom(file, {1, 0, limits}), StatusIs(StatusCode::kOutOfRange));
  limits.max_pixels = int64_t{1} << 40;
  EXPECT_THAT(DecodeDicom(file, {1, 0, limits}), StatusIs(StatusCode::kInvalidArgument))
      << "fewer pixels than claimed";
}

TEST(RefusalsTest, CompressedPixelsOfAnotherSizeThanClaimedAreRefused) {
  for (const E_TransferSyntax syntax :
       {EXS_JPEGProcess1, EXS_JPEGProcess14SV1, EXS_JPEGLSLossless, EXS_RLELossless}) {
    FakeDicom dicom = Film();
    ASSERT_FALSE(dicom.Write(syntax).empty());
    dicom.Put(DCM_Rows, 17);
    EXPECT_THAT(DecodeDicom(dicom.Write(syntax), {}), StatusIs(StatusCode::kInvalidArgument))
        << syntax;
  }
  FakeDicom dicom = Film();
  EXPECT_THAT(DecodeDicom(dicom.WriteCompressed("1.2.840.10008.1.2.4.90",
                                                test::Jpeg2000Of(cv::Mat(17, 20, CV_8UC1))),
                          {}),
              StatusIs(StatusCode::kInvalidArgument));
}

TEST(RefusalsTest, ContradictionsAreNamed) {
  struct Case {
    DcmTagKey tag;
    int value;
    const char* reason;
  };
  for (const Case& c :
       {Case{DCM_BitsStored, 9, "Bits Stored 9"}, Case{DCM_HighBit, 12, "High Bit 12"},
        Case{DCM_SamplesPerPixel, 3, "Samples per Pixel is 3"},
        Case{DCM_SamplesPerPixel, 2, "Samples per Pixel is 2"}, Case{DCM_Rows, 0, "0 Rows"}}) {
    FakeDicom dicom = Film();
    dicom.Put(c.tag, c.value);
    EXPECT_THAT(DecodeDicom(dicom.Write(), {}),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr(c.reason)));
  }
  FakeDicom photometric = Film();
  photometric.Put(DCM_PhotometricInterpretation, "CMYK").Put(DCM_SamplesPerPixel, 3);
  EXPECT_THAT(DecodeDicom(photometric.Write(), {}), StatusIs(StatusCode::kUnimplemented));
}

}  // namespace
}  // namespace lingula
