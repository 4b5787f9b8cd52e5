#include "model/image/mask_bytes.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include <gmock/gmock.h>

namespace lingula {
namespace {

using testing::ElementsAre;

// 2 rows of 10 columns: a byte and a bit.
cv::Mat TwoRows() {
  cv::Mat mask = cv::Mat::zeros(2, 10, CV_8UC1);
  mask.at<uint8_t>(0, 0) = 255;
  mask.at<uint8_t>(0, 9) = 255;
  mask.at<uint8_t>(1, 7) = 1;
  return mask;
}

TEST(PackBitsTest, RowsStartAtBytesAndTheFirstPixelIsTheHighestBit) {
  EXPECT_EQ(PackBits(TwoRows()), std::string("\x80\x40\x01\x00", 4));
}

TEST(LabelBytesTest, IsOneInsideAndZeroOutside) {
  std::string wanted(20, '\0');
  wanted[0] = wanted[9] = wanted[17] = 1;
  EXPECT_EQ(LabelBytes(TwoRows()), wanted);
  EXPECT_EQ(LabelBytes(TwoRows().colRange(9, 10)), std::string("\1\0", 2)) << "part of a picture";
}

TEST(ProbabilityBytesTest, RoundsAndClamps) {
  const cv::Mat p = (cv::Mat_<float>(2, 3) << 0, 1, 0.5F, -1, 2, std::nanf(""));
  const std::string bytes = ProbabilityBytes(p);
  EXPECT_THAT(std::vector<uint8_t>(bytes.begin(), bytes.end()),
              ElementsAre(0, 255, 128, 0, 255, 0));
}

TEST(ProbabilityFloatsTest, KeepsAllBitsAndClamps) {
  const cv::Mat p = (cv::Mat_<float>(2, 2) << 0.1F, 0.7F, std::nanf(""), 1.5F);
  const std::string bytes = ProbabilityFloats(p);
  ASSERT_EQ(bytes.size(), 16U);
  std::vector<float> got(4);
  std::memcpy(got.data(), bytes.data(), bytes.size());
  EXPECT_THAT(got, ElementsAre(0.1F, 0.7F, 0.0F, 1.0F));
}

}  // namespace
}  // namespace lingula
