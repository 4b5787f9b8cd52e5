// One picture through every encoding that can be written here.
#include <string>
#include <utility>

#include <dcmtk/dcmdata/dcdeftag.h>
#include <gmock/gmock.h>
#include <opencv2/core.hpp>

#include "model/dicom/dicom_picture.h"
#include "tests/support/fake_dicom.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeDicom;
using test::IsOk;
using test::Jpeg2000Of;
using test::StatusIs;

// Neither square nor symmetric nor smooth.
cv::Mat Samples(int type, int rows = 37, int columns = 50) {
  cv::Mat samples(rows, columns, type);
  const int channels = samples.channels();
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns * channels; ++x) {
      const int value = (x * 37 + y * 11 + x * y) % 251;
      if (samples.depth() == CV_8U) {
        samples.ptr<uint8_t>(y)[x] = static_cast<uint8_t>(value);
      } else {
        samples.ptr<uint16_t>(y)[x] = static_cast<uint16_t>(value * 257);
      }
    }
  }
  return samples;
}

cv::Mat SmoothSamples(int type) {
  cv::Mat samples(40, 56, type);
  for (int y = 0; y < samples.rows; ++y) {
    for (int x = 0; x < samples.cols * samples.channels(); ++x) {
      samples.ptr<uint8_t>(y)[x] = static_cast<uint8_t>(40 + 2 * y + x / samples.channels());
    }
  }
  return samples;
}

double Difference(const cv::Mat& a, const cv::Mat& b) {
  EXPECT_EQ(a.size(), b.size());
  EXPECT_EQ(a.type(), b.type());
  return a.size() == b.size() && a.type() == b.type() ? cv::norm(a, b, cv::NORM_INF) : 1e9;
}

cv::Mat Swapped(const cv::Mat& samples) {
  cv::Mat swapped = samples.clone();
  if (samples.channels() == 3) {
    const int from_to[] = {0, 2, 1, 1, 2, 0};
    cv::mixChannels(&samples, 1, &swapped, 1, from_to, 3);
  }
  return swapped;
}

struct Encoding {
  const char* name;
  E_TransferSyntax syntax;
};
constexpr Encoding kLossless[] = {
    {"implicit", EXS_LittleEndianImplicit}, {"explicit", EXS_LittleEndianExplicit},
    {"big_endian", EXS_BigEndianExplicit},  {"deflated", EXS_DeflatedLittleEndianExplicit},
    {"jpeg_process_14", EXS_JPEGProcess14}, {"jpeg_selection_1", EXS_JPEGProcess14SV1},
    {"jpeg_ls", EXS_JPEGLSLossless},        {"rle", EXS_RLELossless},
};

class LosslessTest : public testing::TestWithParam<std::tuple<Encoding, int>> {};

TEST_P(LosslessTest, GivesBackEachPixel) {
  const auto [encoding, type] = GetParam();
  for (const auto& [rows, columns] : {std::pair{37, 50}, {1, 1}, {3, 3}, {64, 9}}) {
    const cv::Mat samples = Samples(type, rows, columns);
    const std::string file = FakeDicom(samples).Write(encoding.syntax);
    ASSERT_FALSE(file.empty());
    ASSERT_TRUE(LooksLikeDicom(file));
    const auto read = DecodeDicom(file, {samples.channels(), 0, {}});
    ASSERT_THAT(read, IsOk()) << rows << " x " << columns;
    EXPECT_EQ(Difference(read->picture.pixels, Swapped(samples)), 0) << rows << " x " << columns;
    EXPECT_FALSE(read->picture.lossy);
    const auto size = ReadDicomSize(file);
    ASSERT_THAT(size, IsOk());
    EXPECT_EQ(*size, samples.size());
  }
}

INSTANTIATE_TEST_SUITE_P(All, LosslessTest,
                         testing::Combine(testing::ValuesIn(kLossless),
                                          testing::Values(CV_8UC1, CV_16UC1, CV_8UC3)),
                         [](const auto& c) {
                           const int type = std::get<1>(c.param);
                           return std::string(std::get<0>(c.param).name) +
                                  (type == CV_8UC1    ? "_grey8"
                                   : type == CV_16UC1 ? "_grey16"
                                                      : "_colour");
                         });

TEST(EncodingsTest, LossyOnesAreCloseAndSayThatTheyAreLossy) {
  for (const E_TransferSyntax syntax : {EXS_JPEGProcess1, EXS_JPEGProcess2_4, EXS_JPEGLSLossy}) {
    const cv::Mat samples = SmoothSamples(CV_8UC1);
    FakeDicom dicom(samples);
    dicom.Put(DCM_WindowCenter, "127.5")
        .Put(DCM_WindowWidth, "255")
        .Put(DCM_VOILUTFunction, "LINEAR_EXACT");
    const std::string file = dicom.Write(syntax);
    ASSERT_FALSE(file.empty());
    const auto read = DecodeDicom(file, {});
    ASSERT_THAT(read, IsOk());
    EXPECT_LE(Difference(read->picture.pixels, samples), 3) << syntax;
    EXPECT_TRUE(read->picture.lossy);
  }
}

TEST(EncodingsTest, LossyColoursComeBackFromBrightnessAndDifferences) {
  const cv::Mat samples = SmoothSamples(CV_8UC3);
  const std::string file = FakeDicom(samples).Write(EXS_JPEGProcess1);
  ASSERT_FALSE(file.empty());
  const auto read = DecodeDicom(file, {3, 0, {}});
  ASSERT_THAT(read, IsOk());
  EXPECT_LE(Difference(read->picture.pixels, Swapped(samples)), 4);
}

TEST(EncodingsTest, Jpeg2000GivesBackEachPixel) {
  for (const int type : {CV_8UC1, CV_16UC1, CV_8UC3}) {
    const cv::Mat samples = Samples(type, 120, 90);
    const std::string file =
        FakeDicom(samples).WriteCompressed("1.2.840.10008.1.2.4.90", Jpeg2000Of(samples));
    const auto read = DecodeDicom(file, {samples.channels(), 0, {}});
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(Difference(read->picture.pixels, Swapped(samples)), 0);
    EXPECT_FALSE(read->picture.lossy);
  }
}

TEST(EncodingsTest, ABareDataSetIsReadToo) {
  const cv::Mat samples = Samples(CV_8UC1);
  for (const E_TransferSyntax syntax :
       {EXS_LittleEndianExplicit, EXS_LittleEndianImplicit, EXS_BigEndianExplicit}) {
    const std::string whole = FakeDicom(samples).Write(syntax);
    // Group 8 begins where the meta information ends, whose length stands at its start.
    const size_t meta =
        132 + 12 + static_cast<uint8_t>(whole[140]) + 256 * static_cast<uint8_t>(whole[141]);
    const std::string bare = whole.substr(meta);
    ASSERT_TRUE(LooksLikeDicom(bare));
    const auto read = DecodeDicom(bare, {});
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(Difference(read->picture.pixels, samples), 0);
  }
}

TEST(EncodingsTest, OneFrameOfManyIsRead) {
  const cv::Mat both = Samples(CV_8UC1, 40, 30);
  for (const Encoding& encoding : kLossless) {
    FakeDicom dicom(both);
    dicom.Put(DCM_Rows, 20).Put(DCM_NumberOfFrames, "2");
    const std::string file = dicom.Write(encoding.syntax);
    ASSERT_FALSE(file.empty()) << encoding.name;
    for (const int frame : {0, 1, 2}) {
      const auto read = DecodeDicom(file, {1, frame, {}});
      ASSERT_THAT(read, IsOk()) << encoding.name;
      const int top = frame == 2 ? 20 : 0;
      EXPECT_EQ(Difference(read->picture.pixels, both.rowRange(top, top + 20)), 0) << encoding.name;
      EXPECT_EQ(read->notes.frames, 2);
      EXPECT_EQ(read->notes.frame, frame == 2 ? 2 : 1);
    }
    EXPECT_THAT(DecodeDicom(file, {1, 3, {}}), StatusIs(absl::StatusCode::kOutOfRange));
  }
}

TEST(EncodingsTest, OtherChannelsThanTheFileHasAreMade) {
  const auto grey = DecodeDicom(FakeDicom(Samples(CV_8UC3)).Write(), {1, 0, {}});
  ASSERT_THAT(grey, IsOk());
  EXPECT_EQ(grey->picture.pixels.type(), CV_8UC1);
  const auto colour = DecodeDicom(FakeDicom(Samples(CV_16UC1)).Write(), {3, 0, {}});
  ASSERT_THAT(colour, IsOk());
  EXPECT_EQ(colour->picture.pixels.type(), CV_16UC3);
}

TEST(LooksLikeDicomTest, OtherKindsDoNot) {
  EXPECT_FALSE(LooksLikeDicom(""));
  EXPECT_FALSE(LooksLikeDicom("\x89PNG\r\n\x1a\n and the rest of it"));
  EXPECT_FALSE(LooksLikeDicom(std::string(200, '\0')));
  EXPECT_FALSE(LooksLikeDicom(std::string(127, '\0') + "DICM"));
  EXPECT_TRUE(LooksLikeDicom(std::string(128, '\0') + "DICM"));
}

}  // namespace
}  // namespace lingula
