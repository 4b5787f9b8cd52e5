#include "server/service/overlap.h"

#include <gmock/gmock.h>

#include "server/service/errors.h"
#include "tests/server/service/fake_models.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::Picture;
using test::PngOf;
using test::StatusIs;
using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

v1::Overlap OverlapOf(const cv::Mat& mask, const cv::Mat& reference) {
  v1::Overlap overlap;
  CopyOverlap(Compare(mask, reference), overlap);
  return overlap;
}

TEST(CompareTest, CountsAndMeasures) {
  // 8 x 4 against the same two columns further to the right.
  const v1::Overlap overlap =
      OverlapOf(Picture(30, 20, {4, 6, 8, 4}), Picture(30, 20, {6, 6, 8, 4}));
  EXPECT_EQ(overlap.true_positive_pixels(), 24U);
  EXPECT_EQ(overlap.false_positive_pixels(), 8U);
  EXPECT_EQ(overlap.false_negative_pixels(), 8U);
  EXPECT_FLOAT_EQ(overlap.dice(), 0.75F);
  EXPECT_FLOAT_EQ(overlap.jaccard(), 0.6F);
  EXPECT_FLOAT_EQ(overlap.hausdorff95_px(), 2);
}

TEST(CompareTest, NothingIsClaimedOfEmptyMasks) {
  const cv::Mat empty = cv::Mat::zeros(20, 30, CV_8UC1);
  const v1::Overlap both = OverlapOf(empty, empty);
  EXPECT_FALSE(both.has_dice());
  EXPECT_FALSE(both.has_jaccard());
  EXPECT_EQ(both.hausdorff95_px(), 0);
  const v1::Overlap one = OverlapOf(empty, Picture(30, 20, {4, 6, 8, 4}));
  EXPECT_TRUE(one.has_dice());
  EXPECT_EQ(one.dice(), 0);
  EXPECT_FALSE(one.has_hausdorff95_px());
}

TEST(CompareTest, MeasuresNoDistanceOverTooManyPixels) {
  cv::Mat mask = cv::Mat::zeros(4097, 4097, CV_8UC1);
  mask.at<uint8_t>(0, 0) = mask.at<uint8_t>(4096, 4096) = 255;
  const v1::Overlap overlap = OverlapOf(mask, mask);
  EXPECT_EQ(overlap.dice(), 1);
  EXPECT_FALSE(overlap.has_hausdorff95_px());
}

TEST(ReadReferenceTest, TakesAnyPngOfTheRightSize) {
  const auto reference = ReadReference(PngOf(Picture(40, 24, {4, 2, 16, 8}) / 255), {40, 24}, {});
  ASSERT_THAT(reference, IsOk());
  EXPECT_EQ(cv::countNonZero(*reference), 128) << "1 is inside too";
}

TEST(ReadReferenceTest, RefusesOthersByName) {
  const std::string good = test::GoodPng();
  for (const auto& [file, size, what] : std::vector<std::tuple<std::string, cv::Size, const char*>>{
           {good, {24, 40}, "must have the size of the image, 24 x 40, got 40 x 24"},
           {good.substr(0, 60), {40, 24}, ""},
           {"\xff\xd8\xff\xc0\x00\x11\x08\x00\x18\x00\x28\x01", {40, 24}, ""},
           {"text", {40, 24}, ""}}) {
    const auto reference = ReadReference(file, size, {});
    EXPECT_THAT(reference, StatusIs(kInvalid, HasSubstr(what)));
    EXPECT_THAT(ToGrpcStatus(reference.status()).error_details(), HasSubstr("reference_mask"));
  }
}

}  // namespace
}  // namespace lingula
