#include "model/train/image_cache.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <opencv2/core.hpp>

#include "model/image/png_file.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kSide = 32;

class ImageCacheTest : public testing::Test {
 protected:
  std::string WriteImage(const std::string& name, const cv::Mat& pixels) {
    const std::string path = folder_.path() + "/" + name;
    test::Put(path, EncodePng(pixels, PngEffort::kPhoto).value());
    return path;
  }
  // A picture with one bright rectangle, and a mask of it.
  DataRow MakeRow(const std::string& name, cv::Size size, const cv::Rect& bright,
                  int type = CV_8UC1) {
    cv::Mat picture(size, type, cv::Scalar::all(40));
    cv::Mat mask = cv::Mat::zeros(size, CV_8UC1);
    picture(bright).setTo(cv::Scalar::all(type == CV_16UC1 ? 51400 : 200));
    mask(bright).setTo(255);
    DataRow row;
    row.image = WriteImage(name + ".png", picture);
    row.mask = WriteImage(name + "_mask.png", mask);
    row.zones = ZoneBits(0b000101);
    row.line = 7;
    return row;
  }
  static absl::StatusOr<ImageCache> Load(const std::vector<DataRow>& rows, bool transpose,
                                         BrokenFiles policy = BrokenFiles::kRefuse,
                                         int channels = 1) {
    InputSpec spec;
    spec.side_px = kSide;
    spec.channels = channels;
    spec.transpose = transpose;
    return LoadImages(rows, spec, policy, [](int64_t, int64_t) {});
  }
  test::TempFolder folder_;
};

TEST_F(ImageCacheTest, KeepsPixelsInTheNetworksAxisOrder) {
  // Bright at columns 2..9, rows 20..23.
  const DataRow row = MakeRow("a", {kSide, kSide}, cv::Rect(2, 20, 8, 4));
  for (const bool transpose : {false, true}) {
    const auto cache = Load({row}, transpose);
    ASSERT_THAT(cache, IsOk());
    ASSERT_THAT(cache->images.sizes(), ElementsAre(1, 1, kSide, kSide));
    ASSERT_THAT(cache->masks.sizes(), ElementsAre(1, kSide, kSide));
    const int column_axis = transpose ? 0 : 1;
    const auto lit = cache->masks[0].narrow(column_axis, 2, 8).narrow(1 - column_axis, 20, 4);
    EXPECT_EQ(lit.sum().item<int64_t>(), 32);
    EXPECT_EQ(cache->masks.sum().item<int64_t>(), 32);
    const auto bright =
        cache->images[0][0].narrow(column_axis, 2, 8).narrow(1 - column_axis, 20, 4);
    EXPECT_TRUE((bright == 200).all().item<bool>());
    EXPECT_EQ((cache->images == 200).sum().item<int64_t>(), 32);
    EXPECT_TRUE(cache->zones[0].equal(torch::tensor({1.0F, 0.0F, 1.0F, 0.0F, 0.0F, 0.0F})));
  }
}

TEST_F(ImageCacheTest, ResizesWhatHasAnotherSize) {
  DataRow row = MakeRow("a", {96, 64}, cv::Rect(0, 0, 48, 64));  // the left half
  // A mask of yet another size than its image.
  cv::Mat mask = cv::Mat::zeros(100, 50, CV_8UC1);
  mask.colRange(0, 25).setTo(255);
  row.mask = WriteImage("other_mask.png", mask);
  const auto cache = Load({row}, false);
  ASSERT_THAT(cache, IsOk());
  EXPECT_TRUE((cache->masks[0].narrow(1, 0, 16) == 1).all().item<bool>());
  EXPECT_TRUE((cache->masks[0].narrow(1, 16, 16) == 0).all().item<bool>());
  EXPECT_TRUE((cache->images[0][0].narrow(1, 0, 14) == 200).all().item<bool>());
  EXPECT_TRUE((cache->images[0][0].narrow(1, 18, 14) == 40).all().item<bool>());
}

TEST_F(ImageCacheTest, ReducesSixteenBits) {
  const auto cache = Load({MakeRow("deep", {kSide, kSide}, cv::Rect(0, 0, 4, 4), CV_16UC1)}, false);
  ASSERT_THAT(cache, IsOk());
  EXPECT_EQ(cache->images[0][0][0][0].item<int>(), 200);  // 51400 / 257
}

TEST_F(ImageCacheTest, ColoursAreInTheOrderOfNetworks) {
  DataRow row = MakeRow("grey", {kSide, kSide}, cv::Rect(0, 0, 4, 4));
  row.image = WriteImage("colour.png", cv::Mat(kSide, kSide, CV_8UC3, cv::Scalar(10, 20, 30)));
  const auto cache = Load({row}, true, BrokenFiles::kRefuse, 3);
  ASSERT_THAT(cache, IsOk());
  ASSERT_THAT(cache->images.sizes(), ElementsAre(1, 3, kSide, kSide));
  for (int channel = 0; channel < 3; ++channel) {  // OpenCV's blue, green, red become RGB
    EXPECT_TRUE((cache->images[0][channel] == 30 - 10 * channel).all().item<bool>());
  }
}

class BrokenImageTest : public ImageCacheTest {
 protected:
  BrokenImageTest() {
    good_ = MakeRow("good", {kSide, kSide}, cv::Rect(0, 0, 4, 4));
    broken_ = MakeRow("broken", {kSide, kSide}, cv::Rect(0, 0, 4, 4));
    test::Put(broken_.image, "not a picture");
    no_mask_ = good_;
    no_mask_.mask = folder_.path() + "/absent.png";
    no_zones_ = good_;
    no_zones_.zones.reset();
  }
  DataRow good_, broken_, no_mask_, no_zones_;
};

TEST_F(BrokenImageTest, RefusesNamingTheFile) {
  EXPECT_THAT(Load({good_, broken_}, true),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("broken.png")));
  EXPECT_THAT(Load({good_, no_mask_}, true),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("absent.png")));
  DataRow outside = good_;
  outside.mask.clear();
  EXPECT_THAT(Load({outside}, true), StatusIs(absl::StatusCode::kInvalidArgument,
                                              AllOf(HasSubstr("good.png"), HasSubstr("line 7"))));
}

// All broken files are counted, the first 20 named.
TEST_F(BrokenImageTest, CountsAndNamesAtMostTwenty) {
  std::vector<DataRow> rows{good_};
  for (int i = 0; i < 25; ++i) {
    rows.push_back(good_);
    rows.back().mask = folder_.path() + "/gone-" + std::to_string(i) + "-.png";
  }
  EXPECT_THAT(Load(rows, true).status().message(),
              AllOf(HasSubstr("25 of 26"), HasSubstr("gone-0-"), HasSubstr("gone-19-"),
                    testing::Not(HasSubstr("gone-20-")), HasSubstr("and 5 more")));
  rows.erase(rows.begin());
  EXPECT_THAT(Load(rows, true, BrokenFiles::kSkip),  // nothing is left
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("25 of 25")));
}

TEST_F(BrokenImageTest, ZonesAreMissedByThoseWhoNeedThem) {
  no_zones_.report = "one small polyp";
  no_zones_.group = "C3";
  const auto cache = Load({good_, no_zones_}, true);
  ASSERT_THAT(cache, IsOk());
  EXPECT_TRUE(cache->has_zones.equal(torch::tensor({true, false})));
  EXPECT_EQ(cache->zones[1].sum().item<float>(), 0);
  EXPECT_THAT(cache->reports, ElementsAre("", "one small polyp"));
  EXPECT_THAT(cache->groups, ElementsAre("", "C3"));
  EXPECT_THAT(cache->files, ElementsAre(good_.image, no_zones_.image));
  EXPECT_THAT(RequireZones(*cache), StatusIs(absl::StatusCode::kInvalidArgument,
                                             AllOf(HasSubstr("1 of 2"), HasSubstr("good.png"))));
  EXPECT_THAT(RequireZones(*Load({good_}, true)), IsOk());
}

TEST_F(BrokenImageTest, RefusesMoreThanFitsIntoMemory) {
  InputSpec spec;
  spec.side_px = 1 << 20;
  spec.channels = 3;
  EXPECT_EQ(CacheBytes(10, spec), int64_t{10} * 4 << 40);
  EXPECT_THAT(LoadImages(std::vector<DataRow>(10, good_), spec, BrokenFiles::kSkip,
                         [](int64_t, int64_t) { FAIL(); }),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("MiB")));
}

// Whatever thread reads a row, it keeps its place.
TEST_F(ImageCacheTest, KeepsTheOrder) {
  std::vector<DataRow> rows;
  for (int i = 0; i < 40; ++i) {
    rows.push_back(
        MakeRow(std::to_string(i), {kSide, kSide}, cv::Rect(0, 0, i % 8 + 1, i / 8 + 1)));
    rows.back().report = std::to_string(i);
  }
  const auto cache = Load(rows, false);
  ASSERT_THAT(cache, IsOk());
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(cache->masks[i].sum().item<int64_t>(), (i % 8 + 1) * (i / 8 + 1));
    EXPECT_EQ((cache->images[i] == 200).sum().item<int64_t>(), (i % 8 + 1) * (i / 8 + 1));
    EXPECT_EQ(cache->reports[i], std::to_string(i));
  }
}

TEST_F(BrokenImageTest, SkipsAndLists) {
  int64_t calls = 0;
  InputSpec spec;
  spec.side_px = kSide;
  const auto cache = LoadImages({broken_, good_, no_mask_, no_zones_, good_}, spec,
                                BrokenFiles::kSkip, [&](int64_t done, int64_t all) {
                                  EXPECT_EQ(done, ++calls);
                                  EXPECT_EQ(all, 5);
                                });
  ASSERT_THAT(cache, IsOk());
  EXPECT_EQ(calls, 5);
  EXPECT_EQ(cache->size(), 3);
  EXPECT_EQ(cache->masks.sum().item<int64_t>(), 3 * 16);
  EXPECT_THAT(cache->skipped, ElementsAre(HasSubstr("broken.png"), HasSubstr("absent.png")));
}

}  // namespace
}  // namespace lingula
