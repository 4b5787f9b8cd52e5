// The grey chain against values computed by hand.
#include <functional>
#include <string>
#include <vector>

#include <dcmtk/dcmdata/dcdeftag.h>
#include <gmock/gmock.h>
#include <opencv2/core.hpp>

#include "model/dicom/dicom_picture.h"
#include "model/dicom/grey_levels.h"
#include "tests/support/fake_dicom.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeDicom;
using test::IsOk;
using testing::ElementsAreArray;

struct Case {
  const char* name;
  std::vector<int> stored;  // 16 bits
  std::function<void(FakeDicom&)> change;
  std::vector<int> seen;  // of 65535, or of 255 for up to 8 bits
  bool fallback = false;
};

FakeDicom& Window(FakeDicom& dicom, const char* center, const char* width, const char* shape) {
  return dicom.Put(DCM_WindowCenter, center)
      .Put(DCM_WindowWidth, width)
      .Put(DCM_VOILUTFunction, shape);
}

FakeDicom& Bits(FakeDicom& dicom, int bits) {
  return dicom.Put(DCM_BitsStored, bits).Put(DCM_HighBit, bits - 1);
}

FakeDicom& NoWindow(FakeDicom& dicom) {
  return dicom.Remove(DCM_WindowCenter).Remove(DCM_WindowWidth).Remove(DCM_VOILUTFunction);
}

class GreyChainTest : public testing::TestWithParam<Case> {};

TEST_P(GreyChainTest, GivesTheValuesOfTheStandard) {
  const Case& given = GetParam();
  cv::Mat samples(1, static_cast<int>(given.stored.size()), CV_16UC1);
  for (size_t i = 0; i < given.stored.size(); ++i) {
    samples.ptr<uint16_t>(0)[i] = static_cast<uint16_t>(given.stored[i]);
  }
  for (const E_TransferSyntax syntax : {EXS_LittleEndianExplicit, EXS_BigEndianExplicit}) {
    FakeDicom dicom(samples);
    given.change(dicom);
    const auto read = DecodeDicom(dicom.Write(syntax), {});
    ASSERT_THAT(read, IsOk());
    std::vector<int> seen;
    const cv::Mat& pixels = read->picture.pixels;
    for (int x = 0; x < pixels.cols; ++x) {
      seen.push_back(pixels.depth() == CV_8U ? pixels.ptr<uint8_t>(0)[x]
                                             : pixels.ptr<uint16_t>(0)[x]);
    }
    EXPECT_THAT(seen, ElementsAreArray(given.seen));
    EXPECT_EQ(read->notes.photometric_fallback, given.fallback);
  }
}

const Case kCases[] = {
    // (x - 99.5) / 200 + 0.5, of 65535
    {"linear",
     {0, 99, 100, 150, 200, 300},
     [](FakeDicom& d) { Window(d, "100", "201", "LINEAR"); },
     {164, 32604, 32931, 49315, 65535, 65535}},
    {"linear_of_width_1",
     {99, 100, 101},
     [](FakeDicom& d) { Window(d, "100.5", "1", "LINEAR"); },
     {0, 0, 65535}},
    // (x - 100) / 200 + 0.5
    {"linear_exact",
     {0, 50, 100, 200, 250},
     [](FakeDicom& d) { Window(d, "100", "200", "LINEAR_EXACT"); },
     {0, 16384, 32768, 65535, 65535}},
    // 1 / (1 + exp(-4 (x - 100) / 200))
    {"sigmoid",
     {0, 100, 200},
     [](FakeDicom& d) { Window(d, "100", "200", "SIGMOID"); },
     {7812, 32768, 57723}},
    {"first_of_two_windows",
     {0, 100, 200},
     [](FakeDicom& d) { Window(d, "100\\1000", "200\\10", "LINEAR_EXACT"); },
     {0, 32768, 65535}},
    // 2 x - 100 before the window
    {"rescale",
     {50, 100, 150},
     [](FakeDicom& d) {
       Window(d, "100", "200", "LINEAR_EXACT")
           .Put(DCM_RescaleSlope, "2")
           .Put(DCM_RescaleIntercept, "-100");
     },
     {0, 32768, 65535}},
    {"monochrome1",
     {0, 50, 200},
     [](FakeDicom& d) {
       Window(d, "100", "200", "LINEAR_EXACT").Put(DCM_PhotometricInterpretation, "MONOCHROME1");
     },
     {65535, 49151, 0}},
    {"inverse_shape_says_the_same_as_monochrome1",
     {0, 200},
     [](FakeDicom& d) {
       Window(d, "100", "200", "LINEAR_EXACT")
           .Put(DCM_PhotometricInterpretation, "MONOCHROME1")
           .Put(DCM_PresentationLUTShape, "INVERSE");
     },
     {65535, 0}},
    {"shape_wins_over_a_photometric_that_contradicts_it",
     {0, 200},
     [](FakeDicom& d) {
       Window(d, "100", "200", "LINEAR_EXACT").Put(DCM_PresentationLUTShape, "INVERSE");
     },
     {65535, 0},
     true},
    {"signed",
     {0xff9c, 0, 100},  // -100
     [](FakeDicom& d) { Window(d, "0", "200", "LINEAR_EXACT").Put(DCM_PixelRepresentation, 1); },
     {0, 32768, 65535}},
    // 12 bits from bit 2 on: 0x0 and 0x7ff and 0xfff; bits around them are not looked at
    {"bits_in_the_middle",
     {0x0003, 0x1ffe, 0xfffc},
     [](FakeDicom& d) {
       Window(d, "2047.5", "4095", "LINEAR_EXACT").Put(DCM_BitsStored, 12).Put(DCM_HighBit, 13);
     },
     {0, 32759, 65535}},
    {"signed_of_12_bits",
     {0x0800, 0x0fff, 0x0000, 0x07ff},  // -2048, -1, 0, 2047
     [](FakeDicom& d) {
       Bits(Window(d, "-0.5", "4095", "LINEAR_EXACT"), 12).Put(DCM_PixelRepresentation, 1);
     },
     {0, 32759, 32776, 65535}},
    // 10, 20 and 40 for 5, 6 and 7; the ends for everything beside them
    {"modality_table",
     {0, 5, 6, 7, 9},
     [](FakeDicom& d) {
       Window(d, "20", "40", "LINEAR_EXACT").PutTable(DCM_ModalityLUTSequence, 5, 16, {10, 20, 40});
     },
     {16384, 16384, 32768, 65535, 65535}},
    // A table of 8 bits: 0, 51 and 255 of 255
    {"voi_table_before_the_window",
     {3, 4, 5, 6},
     [](FakeDicom& d) {
       d.PutTable(DCM_VOILUTSequence, 4, 8, {0, 51, 255});
     },
     {0, 0, 13107, 65535}},
    {"voi_table_of_12_bits",
     {0, 1},
     [](FakeDicom& d) {
       d.PutTable(DCM_VOILUTSequence, 0, 12, {0, 4095});
     },
     {0, 65535}},
    {"padding_is_black_and_counts_for_nothing",
     {100, 200, 5000},
     [](FakeDicom& d) { NoWindow(d).Put(DCM_PixelPaddingValue, 5000); },
     {0, 65535, 0},
     true},
    {"padding_of_a_range_in_monochrome1",
     {100, 4000, 5000},
     [](FakeDicom& d) {
       Window(d, "100", "200", "LINEAR_EXACT")
           .Put(DCM_PhotometricInterpretation, "MONOCHROME1")
           .Put(DCM_PixelPaddingValue, 5000)
           .Put(DCM_PixelPaddingRangeLimit, 4000);
     },
     {32768, 0, 0}},
    {"no_window_spreads_smallest_to_largest",
     {1000, 1500, 3000},
     [](FakeDicom& d) { NoWindow(d); },
     {0, 16384, 65535},
     true},
    {"a_window_without_width_is_none",
     {1000, 3000},
     [](FakeDicom& d) { Window(d, "100", "0", "LINEAR"); },
     {0, 65535},
     true},
    {"eight_bits_without_a_window_are_grey_levels",
     {0, 100, 255},
     [](FakeDicom& d) { Bits(NoWindow(d), 8); },
     {0, 100, 255}},
    {"eight_bits_with_a_window",
     {0, 100, 200},
     [](FakeDicom& d) { Bits(Window(d, "100", "200", "LINEAR_EXACT"), 8); },
     {0, 128, 255}},
};

INSTANTIATE_TEST_SUITE_P(All, GreyChainTest, testing::ValuesIn(kCases),
                         [](const auto& c) { return std::string(c.param.name); });

TEST(GreyChainTest, APictureOfOneValueIsSpreadToBlack) {
  FakeDicom dicom(cv::Mat(4, 4, CV_16UC1, cv::Scalar(700)));
  const auto read = DecodeDicom(NoWindow(dicom).Write(), {});
  ASSERT_THAT(read, IsOk());
  double low = -1;
  double high = -1;
  cv::minMaxLoc(read->picture.pixels, &low, &high);
  EXPECT_EQ(low, high);
}

TEST(GreyChainTest, ADamagedTableIsPassedOverAndSaidSo) {
  FakeDicom dicom(cv::Mat(1, 2, CV_16UC1, cv::Scalar(700)));
  dicom.PutTable(DCM_VOILUTSequence, 0, 16, {1, 2, 3});
  DcmItem* item = nullptr;
  ASSERT_TRUE(dicom.dataset().findAndGetSequenceItem(DCM_VOILUTSequence, item).good());
  ASSERT_TRUE(item->findAndDeleteElement(DCM_LUTData).good());
  const auto read = DecodeDicom(dicom.Write(), {});
  ASSERT_THAT(read, IsOk());
  EXPECT_TRUE(read->notes.photometric_fallback);
}

TEST(GreyChainTest, GroupsOfTheFrameCountBeforeTheFile) {
  cv::Mat samples(2, 1, CV_16UC1);
  samples.at<uint16_t>(0) = 100;
  samples.at<uint16_t>(1) = 100;
  FakeDicom dicom(samples);
  dicom.Put(DCM_Rows, 1).Put(DCM_NumberOfFrames, "2");
  for (const int frame : {0, 1}) {
    DcmItem* groups = nullptr;
    DcmItem* voi = nullptr;
    ASSERT_TRUE(dicom.dataset()
                    .findOrCreateSequenceItem(DCM_PerFrameFunctionalGroupsSequence, groups, frame)
                    .good());
    ASSERT_TRUE(groups->findOrCreateSequenceItem(DCM_FrameVOILUTSequence, voi, 0).good());
    voi->putAndInsertString(DCM_WindowCenter, frame == 0 ? "100" : "200");
    voi->putAndInsertString(DCM_WindowWidth, "400");
    voi->putAndInsertString(DCM_VOILUTFunction, "LINEAR_EXACT");
  }
  const std::string file = dicom.Write();
  const auto first = DecodeDicom(file, {1, 1, {}});
  const auto second = DecodeDicom(file, {1, 2, {}});
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->picture.pixels.at<uint16_t>(0), 32768);
  EXPECT_EQ(second->picture.pixels.at<uint16_t>(0), 16384);
}

}  // namespace
}  // namespace lingula
