#include "model/image/polygons.h"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>
#include <opencv2/core.hpp>

namespace lingula {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Even-odd fill, by what makes a polygon one: a ray from a pixel's centre to the left crosses the
// outline an odd number of times.
cv::Mat Fill(const std::vector<MaskPolygon>& polygons, cv::Size size) {
  cv::Mat filled = cv::Mat::zeros(size, CV_8UC1);
  for (const MaskPolygon& polygon : polygons) {
    const std::vector<uint32_t>& xy = polygon.xy;
    for (size_t i = 0; i < xy.size(); i += 2) {
      const size_t next = (i + 2) % xy.size();
      const uint32_t top = std::min(xy[i + 1], xy[next + 1]);
      const uint32_t bottom = std::max(xy[i + 1], xy[next + 1]);
      for (uint32_t y = top; y < bottom; ++y) {  // a vertical edge; others have no height
        for (int x = static_cast<int>(xy[i]); x < size.width; ++x) {
          filled.at<uint8_t>(static_cast<int>(y), x) ^= 1;
        }
      }
    }
  }
  return filled;
}

TEST(TracePolygonsTest, APixelIsASquare) {
  cv::Mat mask = cv::Mat::zeros(4, 6, CV_8UC1);
  EXPECT_THAT(TracePolygons(mask), IsEmpty());
  mask.at<uint8_t>(2, 5) = 255;
  const std::vector<MaskPolygon> polygons = TracePolygons(mask);
  ASSERT_THAT(polygons, SizeIs(1));
  EXPECT_FALSE(polygons[0].hole);
  EXPECT_THAT(polygons[0].xy, ElementsAre(5, 2, 6, 2, 6, 3, 5, 3)) << "clockwise";
}

TEST(TracePolygonsTest, AHoleHasAnOutlineOfItsOwn) {
  cv::Mat mask = cv::Mat::ones(3, 3, CV_8UC1);
  mask.at<uint8_t>(1, 1) = 0;
  const std::vector<MaskPolygon> polygons = TracePolygons(mask);
  ASSERT_THAT(polygons, SizeIs(2));
  EXPECT_THAT(polygons[0].xy, ElementsAre(0, 0, 3, 0, 3, 3, 0, 3));
  EXPECT_FALSE(polygons[0].hole);
  EXPECT_TRUE(polygons[1].hole);
  EXPECT_THAT(polygons[1].xy, SizeIs(8));
}

TEST(TracePolygonsTest, CornersDoNotJoinPixels) {
  cv::Mat mask = cv::Mat::zeros(2, 2, CV_8UC1);
  mask.at<uint8_t>(0, 0) = mask.at<uint8_t>(1, 1) = 1;
  EXPECT_THAT(TracePolygons(mask), SizeIs(2));
}

TEST(TracePolygonsTest, FilledTheyAreTheMask) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    cv::Mat mask(1 + static_cast<int>(random() % 12), 1 + static_cast<int>(random() % 12), CV_8UC1);
    const unsigned share = 1 + random() % 9;
    for (int i = 0; i < static_cast<int>(mask.total()); ++i) {
      mask.data[i] = random() % 10 < share ? 1 : 0;
    }
    const std::vector<MaskPolygon> polygons = TracePolygons(mask);
    ASSERT_EQ(cv::norm(Fill(polygons, mask.size()), mask, cv::NORM_INF), 0) << "round " << round;
    for (const MaskPolygon& polygon : polygons) {
      ASSERT_GE(polygon.xy.size(), 8U);
    }
  }
}

}  // namespace
}  // namespace lingula
