// What the objects say; whether others can read them is judged by dicom_results_test.py.
#include "model/dicom/dicom_results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include <dcmtk/dcmdata/dcistrmb.h>
#include <opencv2/core.hpp>

#include "absl/strings/match.h"
#include "model/dicom/dicom_seg_pixels.h"
#include "tests/model/dicom/synthetic_source.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;
using testing::Not;

const DicomAlgorithm kAlgorithm = {"cxr", "1", "sgseg", "0123456789abcdef", "threshold=0.5"};
constexpr DicomTarget kTarget = DicomTarget::kLungOpacity;

cv::Mat MaskOf(int columns, int rows) {
  cv::Mat mask = cv::Mat::zeros(rows, columns, CV_8UC1);
  mask(cv::Rect(1, 1, columns / 2, rows / 2)) = 255;
  return mask;
}

absl::StatusOr<std::string> SegOf(DcmFileFormat& file, int frame = 1) {
  const auto source = SourceOf(file, frame);
  const auto& image = ContentOf(*source).image();
  return WriteDicomSeg(*source, SegKind::kBinary, MaskOf(image.columns, image.rows), kTarget,
                       kAlgorithm);
}

// A written file, read again.
class Reread {
 public:
  explicit Reread(const std::string& bytes) {
    DcmInputBufferStream stream;
    stream.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
    stream.setEos();
    file_.transferInit();
    EXPECT_TRUE(file_.read(stream).good());
    file_.transferEnd();
  }
  // All values of an attribute, wherever it first stands.
  std::string operator[](const DcmTagKey& tag) {
    OFString text;
    return file_.getDataset()->findAndGetOFStringArray(tag, text, OFTrue).good()
               ? std::string(text.c_str())
               : "missing";
  }

 private:
  DcmFileFormat file_;
};

void Set(DcmFileFormat& file, const DcmTagKey& tag, const char* value) {
  ASSERT_TRUE(file.getDataset()->putAndInsertString(tag, value).good());
}

TEST(BinaryPixelsTest, PutsTheFirstPixelLowestAndLeavesNoGapBetweenRows) {
  cv::Mat mask = cv::Mat::zeros(3, 3, CV_8UC1);
  mask.at<uchar>(0, 0) = 255;
  mask.at<uchar>(2, 1) = 255;  // pixel 7
  mask.at<uchar>(2, 2) = 255;  // pixel 8: the next byte
  EXPECT_EQ(BinaryPixels(mask), std::string("\x81\x01", 2));
  EXPECT_EQ(BinaryPixels(cv::Mat(1, 3, CV_8UC1, cv::Scalar(255))), std::string("\x07\x00", 2));
  EXPECT_EQ(BinaryPixels(mask(cv::Rect(0, 0, 2, 3))),
            std::string("\x21\x00", 2));  // not continuous
}

TEST(FractionalPixelsTest, RoundsAndFillsUp) {
  const cv::Mat probabilities = (cv::Mat_<float>(1, 3) << 0.0F, 0.5F, 1.0F);
  EXPECT_EQ(FractionalPixels(probabilities), std::string("\x00\x80\xFF\x00", 4));
}

TEST(WriteDicomSegTest, SameArgumentsGiveTheSameBytes) {
  const auto file = SyntheticChest(31, 20);
  const auto first = SegOf(*file), second = SegOf(*file);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(*first, *second);
}

TEST(WriteDicomSegTest, EachArgumentChangesTheUid) {
  const auto file = SyntheticFrames(31, 20, 3);
  const cv::Mat mask = MaskOf(31, 20);
  const auto uid = [&](int frame, const cv::Mat& content, const DicomAlgorithm& algorithm) {
    const auto seg =
        WriteDicomSeg(*SourceOf(*file, frame), SegKind::kBinary, content, kTarget, algorithm);
    EXPECT_THAT(seg, IsOk());
    return Reread(*seg)[DCM_SOPInstanceUID];
  };
  cv::Mat other = mask.clone();
  other.at<uchar>(19, 30) = 255;
  DicomAlgorithm weights = kAlgorithm, parameters = kAlgorithm;
  weights.digest = "f";
  parameters.parameters = "threshold=0.6";
  const std::set<std::string> uids = {uid(1, mask, kAlgorithm), uid(2, mask, kAlgorithm),
                                      uid(1, other, kAlgorithm), uid(1, mask, weights),
                                      uid(1, mask, parameters)};
  EXPECT_EQ(uids.size(), 5U);
}

TEST(WriteDicomSegTest, SaysWhoseItIsAndWhatItRefersTo) {
  const auto file = SyntheticFrames(31, 20, 3);
  const auto bytes = SegOf(*file, 2);
  ASSERT_THAT(bytes, IsOk());
  Reread seg(*bytes);
  EXPECT_EQ(seg[DCM_PatientName], "M\xFCller^J\xF6rg");
  EXPECT_EQ(seg[DCM_SpecificCharacterSet], "ISO_IR 100");
  EXPECT_EQ(seg[DCM_PatientID], "P-4711");
  EXPECT_EQ(seg[DCM_StudyInstanceUID], "1.2.276.0.7230010.3.9.4.1");
  EXPECT_EQ(seg[DCM_ReferencedSOPInstanceUID], "1.2.276.0.7230010.3.9.4.3");
  EXPECT_EQ(seg[DCM_ReferencedFrameNumber], "2");
  EXPECT_EQ(seg[DCM_ContentDate] + seg[DCM_ContentTime], "20240305101632.5");
  EXPECT_EQ(seg[DCM_SeriesNumber], "291");
  EXPECT_EQ(seg[DCM_InstanceNumber], "2");
}

TEST(WriteDicomSegTest, FillsWhatABareSourceLeavesOpen) {
  const auto file = SyntheticBare(9, 7);
  const auto bytes = SegOf(*file);
  ASSERT_THAT(bytes, IsOk());
  Reread seg(*bytes);
  EXPECT_EQ(seg[DCM_PatientID], "");
  EXPECT_EQ(seg[DCM_ContentDate] + seg[DCM_ContentTime], "19000101000000");
  EXPECT_EQ(seg[DCM_StudyInstanceUID].substr(0, 5), "2.25.");
  EXPECT_EQ(seg[DCM_FrameOfReferenceUID], "missing");
}

TEST(WriteDicomSegTest, DropsWhatIsNoValueOfItsKindButNeverNameAndNumber) {
  const auto file = SyntheticChest(9, 7);
  const std::string too_long(70, 'x');
  Set(*file, DCM_PatientBirthDate, "unknown");
  Set(*file, DCM_AccessionNumber, too_long.c_str());
  Set(*file, DCM_PatientID, too_long.c_str());
  Set(*file, DCM_ContentDate, "today");
  const auto bytes = SegOf(*file);
  ASSERT_THAT(bytes, IsOk());
  Reread seg(*bytes);
  EXPECT_EQ(seg[DCM_PatientBirthDate], "");
  EXPECT_EQ(seg[DCM_AccessionNumber], "");
  EXPECT_EQ(seg[DCM_PatientID], too_long);
  EXPECT_EQ(seg[DCM_ContentDate], "20240305");  // the study's
}

TEST(WriteDicomSegTest, CopiesNothingElseOfThePatient) {
  const auto file = SyntheticChest(9, 7);
  Set(*file, DCM_PatientAddress, "MARKER");
  Set(*file, DCM_PatientComments, "MARKER");
  Set(*file, DCM_OperatorsName, "MARKER");
  Set(*file, DCM_InstitutionName, "MARKER");
  Set(*file, DCM_StationName, "MARKER");
  const auto bytes = SegOf(*file);
  ASSERT_THAT(bytes, IsOk());
  EXPECT_FALSE(absl::StrContains(*bytes, "MARKER"));
}

TEST(WriteDicomSegTest, RefusesOtherSizesTypesAndSourcesWithoutUid) {
  const auto file = SyntheticChest(9, 7);
  const auto write = [&](SegKind kind, const cv::Mat& mask) {
    return WriteDicomSeg(*SourceOf(*file), kind, mask, kTarget, kAlgorithm).status();
  };
  EXPECT_THAT(write(SegKind::kBinary, MaskOf(7, 9)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("9 x 7")));
  EXPECT_THAT(write(SegKind::kFractional, MaskOf(9, 7)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("CV_32FC1")));
  Set(*file, DCM_SOPInstanceUID, "Doe^Jane");
  EXPECT_THAT(write(SegKind::kBinary, MaskOf(9, 7)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::AllOf(HasSubstr("SOP Instance UID"), Not(HasSubstr("Doe")))));
}

DicomMeasurements Measured() {
  DicomMeasurements measured;
  measured.area_share = 0.25;
  measured.expected_dice = 0.8;
  measured.sentence = "Opacity on the left side of the image.";
  measured.flags = {"LOSSY_INPUT"};
  return measured;
}

TEST(WriteDicomReportTest, RefersToTheSegmentationOfTheSameArguments) {
  const auto file = SyntheticChest(31, 20);
  const auto seg = SegOf(*file);
  const auto report =
      WriteDicomReport(*SourceOf(*file), MaskOf(31, 20), kTarget, kAlgorithm, Measured());
  ASSERT_THAT(report, IsOk());
  const std::string uid = Reread(*seg)[DCM_SOPInstanceUID];
  EXPECT_TRUE(absl::StrContains(*report, uid));
  EXPECT_EQ(Reread(*report)[DCM_VerificationFlag], "UNVERIFIED");
  EXPECT_EQ(Reread(*report)[DCM_CompletionFlag], "PARTIAL");
  const auto alone = WriteDicomReport(*SourceOf(*file), {}, kTarget, kAlgorithm, Measured());
  ASSERT_THAT(alone, IsOk());
  EXPECT_FALSE(absl::StrContains(*alone, UID_SegmentationStorage));
}

TEST(WriteDicomReportTest, ZonesNameTheImagesSideAndThePatientsWhereItIsKnown) {
  const auto file = SyntheticChest(31, 20);
  const auto write = [&](PatientSide side) {
    DicomMeasurements measured = Measured();
    measured.zones = {{Zone::kImageLeftLower, side, 0.75}};
    return *WriteDicomReport(*SourceOf(*file), {}, kTarget, kAlgorithm, measured);
  };
  const std::string unknown = write(PatientSide::kUnknown), right = write(PatientSide::kRight);
  EXPECT_TRUE(absl::StrContains(unknown, "IMG_LEFT_LOWER"));
  EXPECT_FALSE(absl::StrContains(unknown, "Laterality"));
  EXPECT_TRUE(absl::StrContains(right, "24028007"));  // SNOMED CT: right
  EXPECT_FALSE(absl::StrContains(right, "7771000"));  // left
  EXPECT_NE(Reread(unknown)[DCM_SOPInstanceUID], Reread(right)[DCM_SOPInstanceUID]);
}

TEST(WriteDicomReportTest, ItsUidFollowsItsContent) {
  const auto file = SyntheticChest(31, 20);
  const auto write = [&](const DicomMeasurements& measured) {
    const auto report =
        WriteDicomReport(*SourceOf(*file), MaskOf(31, 20), kTarget, kAlgorithm, measured);
    EXPECT_THAT(report, IsOk());
    return *report;
  };
  DicomMeasurements other = Measured();
  other.expected_dice = 0.81;
  EXPECT_EQ(write(Measured()), write(Measured()));
  EXPECT_NE(Reread(write(Measured()))[DCM_SOPInstanceUID],
            Reread(write(other))[DCM_SOPInstanceUID]);
}

TEST(WriteDicomReportTest, WordsBeyondAsciiBringUnicodeAndKeepTheName) {
  const auto file = SyntheticChest(31, 20);
  DicomMeasurements measured = Measured();
  measured.sentence = "Verschattung auf der Bildh\xC3\xA4lfte links.";
  const auto report = WriteDicomReport(*SourceOf(*file), {}, kTarget, kAlgorithm, measured);
  ASSERT_THAT(report, IsOk());
  Reread read(*report);
  EXPECT_EQ(read[DCM_SpecificCharacterSet], "ISO_IR 192");
  EXPECT_EQ(read[DCM_PatientName], "M\xC3\xBCller^J\xC3\xB6rg");
  EXPECT_TRUE(absl::StrContains(*report, measured.sentence));
}

TEST(WriteDicomReportTest, WordsBeyondAsciiBesideASourceWithoutCharacterSet) {
  const auto file = SyntheticBare(9, 7);
  DicomMeasurements measured = Measured();
  measured.sentence = "\xC3\xA4";
  const auto report = WriteDicomReport(*SourceOf(*file), {}, kTarget, kAlgorithm, measured);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(Reread(*report)[DCM_SpecificCharacterSet], "ISO_IR 192");
}

TEST(WriteDicomReportTest, WordsBeyondAsciiNeedACharacterSetThatIsOne) {
  const auto file = SyntheticChest(9, 7);
  Set(*file, DCM_SpecificCharacterSet, "ISO_IR 4711");
  DicomMeasurements measured = Measured();
  EXPECT_THAT(WriteDicomReport(*SourceOf(*file), {}, kTarget, kAlgorithm, measured), IsOk());
  measured.sentence = "\xC3\xA4";
  EXPECT_THAT(WriteDicomReport(*SourceOf(*file), {}, kTarget, kAlgorithm, measured).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("(0008,0005)")));
}

}  // namespace
}  // namespace lingula
