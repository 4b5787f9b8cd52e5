#include "model/image/area.h"

#include <cstdint>

#include <gmock/gmock.h>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "tests/model/image/synthetic.h"

namespace lingula {
namespace {

TEST(AreaMeansTest, WeighsWhatIsCoveredInPart) {
  const cv::Mat row = (cv::Mat_<uint8_t>(1, 3) << 30, 60, 120);
  const cv::Mat means = AreaMeans(row, {2, 1});  // each covers one and a half
  ASSERT_EQ(means.type(), CV_32FC1);
  EXPECT_FLOAT_EQ(means.at<float>(0, 0), 40);
  EXPECT_FLOAT_EQ(means.at<float>(0, 1), 100);
  EXPECT_FLOAT_EQ(AreaMeans(row.t(), {1, 2}).at<float>(1, 0), 100);
}

TEST(AreaMeansTest, KeepsWhatHasTheSizeAlready) {
  const cv::Mat picture = test::FakeXray(37, 29);
  cv::Mat same;
  picture.convertTo(same, CV_32F);
  EXPECT_EQ(cv::norm(AreaMeans(picture, picture.size()), same, cv::NORM_INF), 0);
}

// OpenCV rounds to whole grey levels, so half a level is what may lie between.
TEST(AreaMeansTest, AgreesWithOpenCv) {
  for (const cv::Size size : {cv::Size(1024, 1024), cv::Size(301, 977), cv::Size(225, 224)}) {
    for (const int channels : {1, 3}) {
      for (const int depth : {CV_8U, CV_16U}) {
        cv::Mat picture(size, CV_MAKETYPE(depth, channels));
        cv::RNG(7).fill(picture, cv::RNG::UNIFORM, 0, depth == CV_8U ? 256 : 65536);
        cv::Mat expected;
        cv::resize(picture, expected, {224, 224}, 0, 0, cv::INTER_AREA);
        expected.convertTo(expected, CV_32F);
        const double off = cv::norm(AreaMeans(picture, {224, 224}), expected, cv::NORM_INF);
        EXPECT_LE(off, depth == CV_8U ? 0.501 : 0.6) << size << ' ' << channels << ' ' << depth;
      }
    }
  }
}

TEST(AreaMeansTest, ReadsRowsThatLieApart) {
  const cv::Mat whole = test::FakeXray(300, 200);
  const cv::Mat part = whole(cv::Rect(20, 10, 150, 120));
  EXPECT_EQ(cv::norm(AreaMeans(part, {64, 64}), AreaMeans(part.clone(), {64, 64}), cv::NORM_INF),
            0);
}

}  // namespace
}  // namespace lingula
