#include "model/calibration/bit_grid.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <random>

#include <gmock/gmock.h>
#include <opencv2/imgproc.hpp>

namespace lingula {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using testing::UnorderedElementsAreArray;

TEST(BitGridTest, HoldsWhatReachesTheThreshold) {
  const std::vector<float> values = {0.5F, 0.4F, std::numeric_limits<float>::quiet_NaN(),
                                     0.6F, 1,    0};
  const BitGrid grid(values, 3, 0.5F);
  EXPECT_EQ(grid.height(), 2);
  std::vector<int64_t> inside;
  grid.ForEach([&](int64_t pixel) { inside.push_back(pixel); });
  EXPECT_THAT(inside, ElementsAre(0, 3, 4));
  EXPECT_TRUE(grid.At(1, 1));
  EXPECT_FALSE(grid.At(2, 0));
  EXPECT_EQ(grid.Count(), 3);
  EXPECT_EQ(grid.CountIn(1, 2), 2);
  EXPECT_EQ(grid.CountIn(3, 1), 1);
}

TEST(BitGridTest, NothingAndEverything) {
  const std::vector<float> values(130 * 3, 1);
  EXPECT_THAT(BitGrid(values, 130, 2).PartSizes(), IsEmpty());
  EXPECT_THAT(BitGrid(values, 130, 1).PartSizes(), ElementsAre(390));
  EXPECT_EQ(BitGrid(values, 130, 1).BandOf(3).Count(), 0) << "the border of a grid is no edge";
}

TEST(BitGridTest, PartsTouchAtCornersAndJoinLater) {
  // 1 . 1 . . 1
  // 1 . 1 . . .
  // . 1 . 1 . .
  const std::vector<float> values = {1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0};
  EXPECT_THAT(BitGrid(values, 6, 1).PartSizes(), UnorderedElementsAre(6, 1));
}

// Against OpenCV, over widths on both sides of a word and from sparse to dense.
class RandomBitGridTest : public testing::TestWithParam<int> {
 protected:
  RandomBitGridTest() : random_(static_cast<uint32_t>(GetParam())) {
    const int width = GetParam(), height = 40;
    mask_ = cv::Mat(height, width, CV_8UC1);
    std::uniform_real_distribution<float> draw(0, 1);
    const float share = draw(random_);
    for (int i = 0; i < width * height; ++i) {
      values_.push_back(draw(random_));
      mask_.data[i] = values_.back() >= share ? 255 : 0;
    }
    grid_ = std::make_unique<BitGrid>(values_, width, share);
  }

  std::mt19937 random_;
  std::vector<float> values_;
  cv::Mat mask_;
  std::unique_ptr<BitGrid> grid_;
};

TEST_P(RandomBitGridTest, HasTheSameParts) {
  cv::Mat labels, statistics, centres;
  cv::connectedComponentsWithStats(mask_, labels, statistics, centres);
  std::vector<int64_t> sizes;
  for (int i = 1; i < statistics.rows; ++i) {  // 0 is the background
    sizes.push_back(statistics.at<int>(i, cv::CC_STAT_AREA));
  }
  EXPECT_THAT(grid_->PartSizes(), UnorderedElementsAreArray(sizes));
}

TEST_P(RandomBitGridTest, HasTheSameBand) {
  for (const int radius : {0, 1, 3, 7}) {
    const cv::Mat box(2 * radius + 1, 2 * radius + 1, CV_8UC1, cv::Scalar(1));
    cv::Mat gradient;
    cv::morphologyEx(mask_, gradient, cv::MORPH_GRADIENT, box);
    cv::Mat band(mask_.size(), CV_8UC1, cv::Scalar(0));
    grid_->BandOf(radius).ForEach([&](int64_t pixel) { band.data[pixel] = 255; });
    EXPECT_EQ(cv::norm(band, gradient, cv::NORM_INF), 0) << "radius " << radius;
  }
}

TEST_P(RandomBitGridTest, CountsTheSame) {
  EXPECT_EQ(grid_->Count(), cv::countNonZero(mask_));
  const cv::Rect corner(0, 0, mask_.cols / 2, mask_.rows / 3);
  EXPECT_EQ(grid_->CountIn(corner.width, corner.height), cv::countNonZero(mask_(corner)));
}

INSTANTIATE_TEST_SUITE_P(Widths, RandomBitGridTest,
                         testing::Values(1, 2, 31, 63, 64, 65, 100, 127, 128, 129, 224));

}  // namespace
}  // namespace lingula
