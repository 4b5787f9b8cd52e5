#include <vector>

#include <gmock/gmock.h>
#include <opencv2/imgcodecs.hpp>

#include "model/image/jpeg_file.h"
#include "model/image/mask.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;

cv::Mat Overlay(const cv::Mat& picture, const cv::Mat& mask) {
  const auto file = EncodeOverlayPng(picture, mask);
  EXPECT_THAT(file, IsOk());
  return cv::imdecode(std::vector<uint8_t>(file->begin(), file->end()), cv::IMREAD_UNCHANGED);
}

cv::Mat BoxMask() {
  cv::Mat mask = cv::Mat::zeros(512, 512, CV_8UC1);
  mask(cv::Rect(100, 100, 200, 200)) = 255;
  return mask;
}

TEST(OverlayTest, LeavesTheRestAloneTintsTheMaskAndOutlinesIt) {
  const cv::Mat picture(512, 512, CV_8UC1, cv::Scalar(100));
  const cv::Mat overlay = Overlay(picture, BoxMask());
  ASSERT_EQ(overlay.type(), CV_8UC3);
  EXPECT_EQ(overlay.at<cv::Vec3b>(50, 50), cv::Vec3b(100, 100, 100));
  EXPECT_EQ(overlay.at<cv::Vec3b>(200, 200), cv::Vec3b(60, 104, 162));  // 60 % grey, 40 % orange
  const cv::Vec3b outline = overlay.at<cv::Vec3b>(100, 200);
  EXPECT_EQ(overlay.at<cv::Vec3b>(101, 200), outline);  // two pixels wide
  EXPECT_NE(overlay.at<cv::Vec3b>(102, 200), outline);
  EXPECT_EQ(overlay.at<cv::Vec3b>(99, 200), cv::Vec3b(100, 100, 100));
}

TEST(OverlayTest, ShowsOnBlackAndOnWhite) {
  for (const int grey : {0, 255}) {
    const cv::Mat overlay = Overlay(cv::Mat(512, 512, CV_8UC1, cv::Scalar(grey)), BoxMask());
    const cv::Vec3b inside = overlay.at<cv::Vec3b>(200, 200);
    EXPECT_GT(inside[2] - inside[0], 80) << grey;  // more red than blue: no grey
  }
}

TEST(OverlayTest, StretchesSixteenBits) {
  cv::Mat picture(64, 64, CV_16UC1, cv::Scalar(1000));
  picture.at<uint16_t>(0, 0) = 3000;
  picture.at<uint16_t>(0, 1) = 2000;
  const cv::Mat overlay = Overlay(picture, cv::Mat::zeros(64, 64, CV_8UC1));
  EXPECT_EQ(overlay.at<cv::Vec3b>(0, 0), cv::Vec3b(255, 255, 255));
  EXPECT_NEAR(overlay.at<cv::Vec3b>(0, 1)[0], 128, 1);
  EXPECT_EQ(overlay.at<cv::Vec3b>(9, 9), cv::Vec3b(0, 0, 0));
}

TEST(OverlayTest, DoesNotPaintOnTheCallersPicture) {
  const cv::Mat picture(512, 512, CV_8UC3, cv::Scalar(10, 20, 30));
  EXPECT_EQ(Overlay(picture, BoxMask()).at<cv::Vec3b>(0, 0), cv::Vec3b(10, 20, 30));
  EXPECT_EQ(picture.at<cv::Vec3b>(200, 200), cv::Vec3b(10, 20, 30));
}

TEST(OverlayTest, RefusesAMaskOfAnotherSize) {
  EXPECT_THAT(EncodeOverlayPng(cv::Mat::zeros(8, 9, CV_8UC1), cv::Mat::zeros(9, 8, CV_8UC1)),
              StatusIs(absl::StatusCode::kInternal));
}

TEST(OverlayTest, TravelsAsJpegToo) {
  const cv::Mat picture(512, 512, CV_8UC3, cv::Scalar(100, 100, 100));
  const auto drawn = DrawOverlay(picture, BoxMask());
  ASSERT_THAT(drawn, IsOk());
  const auto file = EncodeJpeg(*drawn, 95);
  ASSERT_THAT(file, IsOk());
  const auto header = ReadImageHeader(*file);
  ASSERT_THAT(header, IsOk());
  const auto read = DecodeJpeg(*file, *header, 3);
  ASSERT_THAT(read, IsOk());
  EXPECT_LT(cv::norm(*read, *drawn, cv::NORM_L2) / 512, 10);
  EXPECT_THAT(EncodeJpeg(cv::Mat::zeros(8, 8, CV_8UC1), 95),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(EncodeJpeg(cv::Mat(), 95), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace lingula
