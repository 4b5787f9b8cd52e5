#include "model/image/preprocess.h"

#include <cmath>
#include <cstdint>
#include <numeric>

#include <gmock/gmock.h>
#include <opencv2/core.hpp>

#include "tests/model/image/synthetic.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(PreprocessTest, TransposesAndNormalisesWithoutResizing) {
  const cv::Mat pixels = (cv::Mat_<uint8_t>(2, 2) << 1, 2, 3, 4);
  const float s = std::sqrt(1.25F);  // population deviation of 1, 2, 3, 4
  const auto transposed = Preprocess(pixels, {2, 1, true});
  ASSERT_THAT(transposed, IsOk());
  EXPECT_THAT(*transposed, testing::Pointwise(testing::FloatNear(1e-6F),
                                              {-1.5F / s, 0.5F / s, -0.5F / s, 1.5F / s}));
  const auto upright = Preprocess(pixels, {2, 1, false});
  ASSERT_THAT(upright, IsOk());
  EXPECT_THAT(*upright, testing::Pointwise(testing::FloatNear(1e-6F),
                                           {-1.5F / s, -0.5F / s, 0.5F / s, 1.5F / s}));
}

TEST(PreprocessTest, NormalisesEachChannelAloneRedFirst) {
  cv::Mat bgr(2, 2, CV_8UC3, cv::Scalar(0, 7, 0));
  bgr.at<cv::Vec3b>(0, 0) = {0, 7, 200};  // red is the third
  bgr.at<cv::Vec3b>(1, 1) = {10, 7, 0};
  const auto input = Preprocess(bgr, {2, 3, true});
  ASSERT_THAT(input, IsOk());
  ASSERT_EQ(input->size(), 12);
  EXPECT_NEAR((*input)[0], std::sqrt(3.0), 1e-5);  // one of four differs
  EXPECT_THAT(std::vector<float>(input->begin() + 4, input->begin() + 8), testing::Each(0.0F));
  EXPECT_NEAR((*input)[11], std::sqrt(3.0), 1e-5);
}

TEST(PreprocessTest, HasMeanZeroAndDeviationOne) {
  for (const cv::Size size : {cv::Size(640, 448), cv::Size(97, 500), cv::Size(1, 3)}) {
    const auto input = Preprocess(test::FakeXray(size.width, size.height), InputSpec());
    ASSERT_THAT(input, IsOk());
    ASSERT_EQ(input->size(), 224 * 224);
    const double mean = std::accumulate(input->begin(), input->end(), 0.0) / input->size();
    const double square =
        std::inner_product(input->begin(), input->end(), input->begin(), 0.0) / input->size();
    EXPECT_NEAR(mean, 0, 1e-5);
    EXPECT_NEAR(square, 1, 1e-5);
  }
}

TEST(PreprocessTest, AntialiasAveragesWhatIsLarger) {
  cv::Mat stripes(4, 8, CV_8U);  // sampling every fourth column would see one colour
  for (int x = 0; x < stripes.cols; ++x) {
    stripes.col(x) = (x % 2 == 0 ? 100 : 0) + (x < 4 ? 0 : 50);
  }
  InputSpec spec{2, 1, false, true};
  const auto wide = Preprocess(stripes, spec);
  ASSERT_THAT(wide, IsOk());
  EXPECT_THAT(*wide, testing::Pointwise(testing::FloatNear(1e-5F), {-1, 1, -1, 1}));
  EXPECT_EQ(*wide, *Preprocess(cv::Mat(stripes.rowRange(0, 1)), spec));  // shorter: repeated

  // Nothing to average: as without.
  spec.side_px = 64;
  const cv::Mat small = test::FakeXray(50, 64);
  EXPECT_EQ(*Preprocess(small, spec), *Preprocess(small, {64, 1, false}));
}

TEST(PreprocessTest, ReadsRowsThatLieApart) {
  const cv::Mat whole = test::FakeXray(300, 200);
  const cv::Mat part = whole(cv::Rect(20, 10, 150, 120));
  EXPECT_EQ(*Preprocess(part, InputSpec()), *Preprocess(part.clone(), InputSpec()));
}

TEST(PreprocessTest, RefusesAPictureWithoutContrast) {
  for (const int side : {224, 301, 64}) {
    for (const int value : {0, 1, 77, 255}) {
      const cv::Mat flat(side, side + 1, CV_8UC1, cv::Scalar(value));
      EXPECT_THAT(Preprocess(flat, InputSpec()), StatusIs(kInvalid)) << side << ' ' << value;
    }
    const cv::Mat bright(side, side + 1, CV_16UC1, cv::Scalar(65535));
    EXPECT_THAT(Preprocess(bright, InputSpec()), StatusIs(kInvalid)) << side;
  }
  cv::Mat one_pixel(224, 224, CV_8UC1, cv::Scalar(128));
  one_pixel.at<uint8_t>(100, 100) = 129;
  EXPECT_THAT(Preprocess(one_pixel, InputSpec()), IsOk());
}

TEST(PreprocessTest, RefusesOtherPixels) {
  EXPECT_THAT(Preprocess(cv::Mat(), InputSpec()), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(Preprocess(cv::Mat::zeros(4, 4, CV_8UC3), InputSpec()),
              StatusIs(absl::StatusCode::kInternal));
}

TEST(RestoreProbabilitiesTest, TransposesBackAndKeepsAnEqualSize) {
  const std::vector<float> values = {0.1F, 0.2F, 0.3F, 0.4F};
  const cv::Mat transposed = RestoreProbabilities(values, {2, 1, true}, {2, 2});
  EXPECT_EQ(transposed.at<float>(0, 1), 0.3F);
  EXPECT_EQ(transposed.at<float>(1, 0), 0.2F);
  const cv::Mat upright = RestoreProbabilities(values, {2, 1, false}, {2, 2});
  EXPECT_EQ(upright.at<float>(0, 1), 0.2F);
}

TEST(RestoreProbabilitiesTest, InterpolatesBetweenPixelCentres) {
  const cv::Mat wide = RestoreProbabilities({0, 1, 0, 1}, {2, 1, false}, {4, 2});
  EXPECT_THAT(std::vector<float>(wide.begin<float>(), wide.begin<float>() + 4),
              testing::Pointwise(testing::FloatNear(1e-6F), {0.0F, 0.25F, 0.75F, 1.0F}));
}

TEST(RestoreProbabilitiesTest, WhatGoesInComesBackInItsPlace) {
  cv::Mat pixels = cv::Mat::zeros(224, 224, CV_8UC1);
  pixels.at<uint8_t>(30, 150) = 255;  // row 30, column 150
  const auto input = Preprocess(pixels, InputSpec());
  ASSERT_THAT(input, IsOk());
  cv::Point brightest;
  cv::minMaxLoc(RestoreProbabilities(*input, InputSpec(), {224, 224}), nullptr, nullptr, nullptr,
                &brightest);
  EXPECT_EQ(brightest, cv::Point(150, 30));
}

}  // namespace
}  // namespace lingula
