#include "model/image/mask.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <opencv2/imgcodecs.hpp>

#include "model/image/preprocess.h"
#include "tests/model/image/synthetic.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;

TEST(RenderMaskTest, ThresholdIsInclusive) {
  const cv::Mat p = (cv::Mat_<float>(1, 4) << 0.0F, 0.4999F, 0.5F, 1.0F);
  const RenderedMask rendered = RenderMask(p, 0.5F);
  const cv::Mat expected = (cv::Mat_<uint8_t>(1, 4) << 0, 0, 255, 255);
  EXPECT_EQ(cv::norm(rendered.mask, expected, cv::NORM_INF), 0);
  EXPECT_EQ(rendered.sums.pixels, 4);
  EXPECT_EQ(rendered.sums.foreground, 2);
  EXPECT_NEAR(rendered.sums.probability, 1.9999, 1e-6);
  EXPECT_NEAR(rendered.sums.probability_in_mask, 1.5, 1e-6);
  EXPECT_FLOAT_EQ(rendered.sums.max_probability, 1.0F);
}

// Widths around the number of lanes that are summed side by side.
TEST(RenderMaskTest, NoPixelOfARowIsLost) {
  for (int width : {1, 15, 16, 17, 31, 33}) {
    cv::Mat p(2, width, CV_32FC1, cv::Scalar(0.25F));
    p.at<float>(1, width - 1) = 0.75F;
    const RenderedMask rendered = RenderMask(p, 0.5F);
    EXPECT_EQ(rendered.sums.foreground, 1) << width;
    EXPECT_EQ(rendered.mask.at<uint8_t>(1, width - 1), 255) << width;
    EXPECT_EQ(cv::countNonZero(rendered.mask), 1) << width;
    EXPECT_NEAR(rendered.sums.probability, 0.25 * (2 * width - 1) + 0.75, 1e-5) << width;
  }
}

TEST(RenderMaskTest, SumsAgreeWithDoubleArithmetic) {
  const cv::Mat p = RestoreProbabilities(test::FakeProbabilities(64), {64, 1, true}, {301, 257});
  double sum = 0;
  double in_mask = 0;
  for (const float value : cv::Mat_<float>(p)) {
    sum += value;
    in_mask += value >= 0.25F ? value : 0;
  }
  const MaskSums sums = RenderMask(p, 0.25F).sums;
  EXPECT_EQ(sums.pixels, 301 * 257);
  EXPECT_NEAR(sums.probability, sum, sum * 1e-6);
  EXPECT_NEAR(sums.probability_in_mask, in_mask, in_mask * 1e-6);
}

TEST(RenderMaskTest, NoValueReadsOutsideTheTable) {
  const float inf = std::numeric_limits<float>::infinity();
  const cv::Mat p = (cv::Mat_<float>(1, 4) << std::nanf(""), -inf, inf, 7.0F);
  const RenderedMask rendered = RenderMask(p, 0.5F);
  EXPECT_EQ(rendered.sums.foreground, 2);
  EXPECT_EQ(rendered.sums.probability, 2);
}

TEST(EncodeMaskPngTest, IsGreyAndReadsBack) {
  const cv::Mat p = RestoreProbabilities(test::FakeProbabilities(64), {64, 1, true}, {301, 257});
  const cv::Mat mask = RenderMask(p, 0.5F).mask;
  const auto file = EncodeMaskPng(mask);
  ASSERT_THAT(file, IsOk());
  const cv::Mat back =
      cv::imdecode(std::vector<uint8_t>(file->begin(), file->end()), cv::IMREAD_UNCHANGED);
  ASSERT_EQ(back.type(), CV_8UC1);
  EXPECT_EQ(cv::norm(back, mask, cv::NORM_INF), 0);
  EXPECT_LT(file->size(), 4000);
  EXPECT_EQ(EncodeMaskPng(cv::Mat()).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(MaskCentreTest, LiesInTheMiddleOfAPixelsArea) {
  cv::Mat mask = cv::Mat::zeros(4, 8, CV_8UC1);
  EXPECT_EQ(MaskCentre(mask), cv::Point2d(0.5, 0.5));
  mask.at<uint8_t>(0, 0) = 255;
  EXPECT_EQ(MaskCentre(mask), cv::Point2d(0.5 / 8, 0.5 / 4));
  mask.setTo(255);
  EXPECT_EQ(MaskCentre(mask), cv::Point2d(0.5, 0.5));
}

}  // namespace
}  // namespace lingula
