#include "model/image/pixels.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <opencv2/imgcodecs.hpp>

#include "model/image/png_file.h"
#include "tests/model/image/synthetic.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kOutOfRange = absl::StatusCode::kOutOfRange;

bool Equal(const cv::Mat& a, const cv::Mat& b) {
  return a.type() == b.type() && a.size() == b.size() && cv::norm(a, b, cv::NORM_INF) == 0;
}

cv::Mat Random(int width, int height, int type) {
  cv::Mat pixels(height, width, type);
  cv::RNG rng(7);
  rng.fill(pixels, cv::RNG::UNIFORM, 0, CV_MAT_DEPTH(type) == CV_16U ? 65536 : 256);
  return pixels;
}

std::string File(const std::vector<uint8_t>& bytes) {
  return {bytes.begin(), bytes.end()};
}

std::string OpenCvPng(const cv::Mat& pixels, const std::vector<int>& options = {}) {
  std::vector<uint8_t> bytes;
  cv::imencode(".png", pixels, bytes, options);
  return File(bytes);
}

TEST(DecodeImageTest, PngKeepsEveryBit) {
  for (const int type : {CV_8UC1, CV_16UC1, CV_8UC3, CV_16UC3}) {
    const cv::Mat pixels = Random(37, 23, type);
    const std::string own = *EncodePng(pixels, PngEffort::kPhoto);
    for (const std::string& file : {own, OpenCvPng(pixels)}) {
      const auto picture = DecodeImage(file, pixels.channels(), {});
      ASSERT_THAT(picture, IsOk());
      EXPECT_TRUE(Equal(picture->pixels, pixels)) << type;
      EXPECT_FALSE(picture->lossy);
    }
  }
}

TEST(DecodeImageTest, PngOfOneBitBecomesBlackAndWhite) {
  const cv::Mat pixels = Random(37, 23, CV_8UC1) > 127;
  const auto picture = DecodeImage(OpenCvPng(pixels, {cv::IMWRITE_PNG_BILEVEL, 1}), 1, {});
  ASSERT_THAT(picture, IsOk());
  EXPECT_TRUE(Equal(picture->pixels, pixels));
}

TEST(DecodeImageTest, DropsAlpha) {
  const cv::Mat with_alpha = Random(37, 23, CV_8UC4);
  cv::Mat colour(with_alpha.size(), CV_8UC3);
  cv::mixChannels({with_alpha}, {colour}, {0, 0, 1, 1, 2, 2});
  const auto picture = DecodeImage(OpenCvPng(with_alpha), 3, {});
  ASSERT_THAT(picture, IsOk());
  EXPECT_TRUE(Equal(picture->pixels, colour));
}

TEST(DecodeImageTest, GivesTheChannelsAskedFor) {
  const cv::Mat grey = Random(37, 23, CV_16UC1);
  const auto as_colour = DecodeImage(*EncodePng(grey, PngEffort::kPhoto), 3, {});
  ASSERT_THAT(as_colour, IsOk());
  EXPECT_EQ(as_colour->pixels.type(), CV_16UC3);
  EXPECT_EQ(as_colour->pixels.at<cv::Vec3w>(5, 9)[1], grey.at<uint16_t>(5, 9));

  const cv::Mat red(4, 4, CV_8UC3, cv::Scalar(0, 0, 255));
  const auto as_grey = DecodeImage(*EncodePng(red, PngEffort::kPhoto), 1, {});
  ASSERT_THAT(as_grey, IsOk());
  EXPECT_EQ(as_grey->pixels.type(), CV_8UC1);
  EXPECT_EQ(as_grey->pixels.at<uint8_t>(0, 0), 76);  // 0.299 * 255
}

TEST(DecodeImageTest, JpegGivesThePixelsThatOpenCvGives) {
  for (const int channels : {1, 3}) {
    for (const bool progressive : {false, true}) {
      cv::Mat picture = test::FakeXray(61, 45);
      if (channels == 3) {
        cv::merge(std::vector<cv::Mat>{picture, 255 - picture, picture / 2}, picture);
      }
      const std::string file = test::MakeJpeg(picture, 90, progressive);
      const std::vector<uint8_t> bytes(file.begin(), file.end());
      for (const int wanted : {1, 3}) {
        const auto decoded = DecodeImage(file, wanted, {});
        ASSERT_THAT(decoded, IsOk());
        EXPECT_TRUE(decoded->lossy);
        const int flag = wanted == 1 ? cv::IMREAD_GRAYSCALE : cv::IMREAD_COLOR;
        EXPECT_TRUE(Equal(decoded->pixels, cv::imdecode(bytes, flag)));
      }
    }
  }
}

TEST(DecodeImageTest, JudgesTheSizeBeforeDecoding) {
  std::string bomb = *EncodePng(Random(8, 8, CV_8UC1), PngEffort::kFlat);
  bomb.replace(16, 8, std::string("\0\1\0\0\0\1\0\0", 8));  // 65536 x 65536; checksum now wrong
  EXPECT_THAT(DecodeImage(bomb, 1, {}), StatusIs(kOutOfRange, HasSubstr("65536 x 65536")));
  PixelLimits limits;
  limits.max_pixels = 63;
  const std::string file = *EncodePng(Random(8, 8, CV_8UC1), PngEffort::kFlat);
  EXPECT_THAT(DecodeImage(file, 1, limits), StatusIs(kOutOfRange, HasSubstr("63")));
  limits.max_pixels = 64;
  EXPECT_THAT(DecodeImage(file, 1, limits), IsOk());
}

RawPixels Raw(int64_t width, int64_t height, int64_t stride, PixelFormat format,
              absl::string_view data) {
  RawPixels raw;
  raw.width = width;
  raw.height = height;
  raw.stride_bytes = stride;
  raw.format = format;
  raw.data = data;
  return raw;
}

TEST(TakePixelsTest, ViewsGreyInPlace) {
  const std::string data = "abc-def-";
  const auto picture = TakePixels(Raw(3, 2, 4, PixelFormat::kGray8, data), 1, {});
  ASSERT_THAT(picture, IsOk());
  EXPECT_EQ(static_cast<const void*>(picture->pixels.data), data.data());
  EXPECT_EQ(picture->pixels.at<uint8_t>(1, 2), 'f');
}

TEST(TakePixelsTest, LastRowNeedsNoPadding) {
  EXPECT_THAT(TakePixels(Raw(3, 2, 4, PixelFormat::kGray8, "abc-def"), 1, {}), IsOk());
  EXPECT_THAT(TakePixels(Raw(3, 2, 4, PixelFormat::kGray8, "abc-de"), 1, {}), StatusIs(kInvalid));
}

TEST(TakePixelsTest, SixteenBitsMayLieAnywhere) {
  const std::string data("?\x01\x02\x03\x04!\x05\x06\x07\x08", 10);
  for (const int offset : {0, 1}) {
    const std::string copy = std::string(static_cast<size_t>(offset), '~') + data.substr(1);
    const auto picture = TakePixels(
        Raw(2, 2, 5, PixelFormat::kGray16, absl::string_view(copy).substr(offset)), 1, {});
    ASSERT_THAT(picture, IsOk());
    EXPECT_EQ(picture->pixels.type(), CV_16UC1);
    EXPECT_EQ(picture->pixels.at<uint16_t>(0, 1), 0x0403);
    EXPECT_EQ(picture->pixels.at<uint16_t>(1, 0), 0x0605);
  }
}

TEST(TakePixelsTest, OrdersColoursAsOpenCvDoes) {
  const std::string data("\x01\x02\x03", 3);
  const auto rgb = TakePixels(Raw(1, 1, 0, PixelFormat::kRgb8, data), 3, {});
  ASSERT_THAT(rgb, IsOk());
  EXPECT_EQ(rgb->pixels.at<cv::Vec3b>(0, 0), cv::Vec3b(3, 2, 1));
  const auto bgr = TakePixels(Raw(1, 1, 0, PixelFormat::kBgr8, data), 3, {});
  ASSERT_THAT(bgr, IsOk());
  EXPECT_EQ(bgr->pixels.at<cv::Vec3b>(0, 0), cv::Vec3b(1, 2, 3));
  const std::string red("\xff\0\0", 3);
  EXPECT_EQ(TakePixels(Raw(1, 1, 0, PixelFormat::kRgb8, red), 1, {})->pixels.at<uint8_t>(0, 0), 76);
  EXPECT_EQ(TakePixels(Raw(1, 1, 0, PixelFormat::kBgr8, red), 1, {})->pixels.at<uint8_t>(0, 0), 29);
}

TEST(TakePixelsTest, RefusesContradictions) {
  const std::string data(64, 'x');
  const auto take = [&](int64_t width, int64_t height, int64_t stride) {
    return TakePixels(Raw(width, height, stride, PixelFormat::kRgb8, data), 3, {});
  };
  EXPECT_THAT(take(0, 4, 0), StatusIs(kInvalid, HasSubstr("at least 1")));
  EXPECT_THAT(take(4, -1, 0), StatusIs(kInvalid));
  EXPECT_THAT(take(4, 4, 11), StatusIs(kInvalid, HasSubstr("stride_bytes 11")));
  EXPECT_THAT(take(4, 4, -1), StatusIs(kInvalid));
  EXPECT_THAT(take(4, 4, INT64_MAX), StatusIs(kInvalid, HasSubstr("too few")));
  EXPECT_THAT(take(100, 100, 0), StatusIs(kInvalid, HasSubstr("64 bytes")));
  EXPECT_THAT(take(INT64_MAX, INT64_MAX, 0), StatusIs(kOutOfRange));
  EXPECT_THAT(take(INT64_MAX, 1, 0), StatusIs(kOutOfRange));
}

}  // namespace
}  // namespace lingula
