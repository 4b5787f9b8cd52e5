// Colours against values computed by hand. Pictures are blue, green, red.
#include <array>
#include <string>
#include <vector>

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
using test::StatusIs;

cv::Mat Read(FakeDicom& dicom, int channels = 3) {
  const auto read = DecodeDicom(dicom.Write(), {channels, 0, {}});
  EXPECT_THAT(read, IsOk());
  return read.ok() ? read->picture.pixels : cv::Mat(1, 1, CV_8UC3);
}

cv::Mat OnePixel(int a, int b, int c) {
  return cv::Mat(1, 1, CV_8UC3, cv::Scalar(a, b, c));
}

TEST(ColoursTest, PlanesAreWovenTogether) {
  cv::Mat samples(1, 2, CV_8UC3);
  const uint8_t planes[] = {1, 2, 3, 4, 5, 6};  // two of red, two of green, two of blue
  std::copy(std::begin(planes), std::end(planes), samples.data);
  FakeDicom dicom(samples);
  dicom.Put(DCM_PlanarConfiguration, 1);
  const cv::Mat seen = Read(dicom);
  EXPECT_EQ(seen.at<cv::Vec3b>(0, 0), cv::Vec3b(5, 3, 1));
  EXPECT_EQ(seen.at<cv::Vec3b>(0, 1), cv::Vec3b(6, 4, 2));
}

TEST(ColoursTest, FullRangeBrightnessAndDifferences) {
  struct Case {
    std::array<int, 3> ycc;
    cv::Vec3b bgr;
  };
  for (const Case& c : {Case{{100, 128, 128}, {100, 100, 100}}, Case{{76, 85, 255}, {0, 0, 254}},
                        Case{{0, 128, 128}, {0, 0, 0}}, Case{{255, 128, 128}, {255, 255, 255}}}) {
    FakeDicom dicom(OnePixel(c.ycc[0], c.ycc[1], c.ycc[2]));
    dicom.Put(DCM_PhotometricInterpretation, "YBR_FULL");
    EXPECT_EQ(Read(dicom).at<cv::Vec3b>(0, 0), c.bgr) << c.ycc[0];
  }
}

// Two pixels in four bytes.
cv::Mat ReadShared(const char* photometric, std::vector<uint8_t> bytes) {
  FakeDicom dicom(cv::Mat(1, 2, CV_8UC3));
  dicom.Put(DCM_PhotometricInterpretation, photometric);
  EXPECT_TRUE(dicom.dataset()
                  .putAndInsertUint8Array(DCM_PixelData, bytes.data(),
                                          static_cast<unsigned long>(bytes.size()))
                  .good());
  return Read(dicom);
}

TEST(ColoursTest, TwoPixelsShareTheirColour) {
  const cv::Mat seen = ReadShared("YBR_FULL_422", {76, 100, 85, 255});
  EXPECT_EQ(seen.at<cv::Vec3b>(0, 0), cv::Vec3b(0, 0, 254));
  EXPECT_EQ(seen.at<cv::Vec3b>(0, 1), cv::Vec3b(24, 24, 255));
}

TEST(ColoursTest, PartialRangeIsStretched) {
  const cv::Mat seen = ReadShared("YBR_PARTIAL_422", {16, 235, 128, 128});
  EXPECT_EQ(seen.at<cv::Vec3b>(0, 0), cv::Vec3b(0, 0, 0));
  EXPECT_EQ(seen.at<cv::Vec3b>(0, 1), cv::Vec3b(255, 255, 255));
}

TEST(ColoursTest, FewerBitsThanAreAllocatedReachWhite) {
  FakeDicom dicom(OnePixel(0, 8, 15));
  dicom.Put(DCM_BitsStored, 4).Put(DCM_HighBit, 3);
  EXPECT_EQ(Read(dicom).at<cv::Vec3b>(0, 0), cv::Vec3b(255, 136, 0));
}

FakeDicom& PutPalette(FakeDicom& dicom, int bits, const std::vector<Uint16>& red) {
  const Uint16 descriptor[] = {static_cast<Uint16>(red.size()), 1, static_cast<Uint16>(bits)};
  const std::vector<Uint16> dark(red.size(), 0);
  const auto put = [&](const DcmTagKey& about, const DcmTagKey& data,
                       const std::vector<Uint16>& entries) {
    EXPECT_TRUE(
        dicom.dataset().putAndInsertUint16Array(DcmTag(about, EVR_US), descriptor, 3).good());
    EXPECT_TRUE(dicom.dataset()
                    .putAndInsertUint16Array(DcmTag(data, EVR_OW), entries.data(),
                                             static_cast<unsigned long>(entries.size()))
                    .good());
  };
  put(DCM_RedPaletteColorLookupTableDescriptor, DCM_RedPaletteColorLookupTableData, red);
  put(DCM_GreenPaletteColorLookupTableDescriptor, DCM_GreenPaletteColorLookupTableData, dark);
  put(DCM_BluePaletteColorLookupTableDescriptor, DCM_BluePaletteColorLookupTableData, dark);
  return dicom.Put(DCM_PhotometricInterpretation, "PALETTE COLOR");
}

TEST(ColoursTest, PalettesOf16And8BitsAndOf8BitsIn16) {
  cv::Mat samples(1, 4, CV_8UC1);
  for (int x = 0; x < 4; ++x) {
    samples.data[x] = static_cast<uint8_t>(x);  // the palette begins at 1
  }
  for (const auto& [bits, scale] : {std::pair{16, 256}, {8, 1}, {16, 1}}) {
    FakeDicom dicom(samples);
    PutPalette(dicom, bits, {static_cast<Uint16>(10 * scale), static_cast<Uint16>(20 * scale)});
    const cv::Mat seen = Read(dicom);
    const int wanted[] = {10, 10, 20, 20};
    for (int x = 0; x < 4; ++x) {
      EXPECT_EQ(seen.at<cv::Vec3b>(0, x), cv::Vec3b(0, 0, static_cast<uint8_t>(wanted[x])))
          << bits << " " << scale << " " << x;
    }
  }
}

TEST(ColoursTest, ADamagedPaletteIsRefused) {
  FakeDicom dicom(cv::Mat(1, 2, CV_8UC1, cv::Scalar(1)));
  PutPalette(dicom, 16, {256, 512}).Remove(DCM_GreenPaletteColorLookupTableData);
  EXPECT_THAT(DecodeDicom(dicom.Write(), {3, 0, {}}), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace lingula
