#include <cstdint>
#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <opencv2/core.hpp>

#include "model/image/mask.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// `counts` were written by pycocotools 2.0's mask.encode.
struct Case {
  const char* name;
  int height, width;
  std::function<bool(int x, int y)> inside;
  std::string counts;
};

cv::Mat MaskOf(const Case& test_case) {
  cv::Mat mask(test_case.height, test_case.width, CV_8UC1);
  for (int y = 0; y < mask.rows; ++y) {
    for (int x = 0; x < mask.cols; ++x) {
      mask.at<uint8_t>(y, x) = test_case.inside(x, y) ? 255 : 0;
    }
  }
  return mask;
}

class CocoRleTest : public testing::TestWithParam<Case> {};

TEST_P(CocoRleTest, WritesWhatPycocotoolsWrites) {
  EXPECT_EQ(EncodeCocoRle(MaskOf(GetParam())), GetParam().counts);
}

TEST_P(CocoRleTest, ReadsItBack) {
  const auto mask = DecodeCocoRle(GetParam().counts, GetParam().height, GetParam().width);
  ASSERT_THAT(mask, IsOk());
  EXPECT_EQ(cv::norm(*mask, MaskOf(GetParam()), cv::NORM_INF), 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, CocoRleTest,
    testing::Values(
        Case{"empty", 5, 7, [](int, int) { return false; }, "S1"},
        Case{"full", 5, 7, [](int, int) { return true; }, "0S1"},
        Case{"first_pixel", 3, 3, [](int x, int y) { return x + y == 0; }, "018"},
        Case{"box", 4, 6, [](int x, int y) { return y > 0 && y < 3 && x > 1 && x < 5; }, "9220003"},
        Case{"checker", 6, 7, [](int x, int y) { return (x + y) % 2 == 1; },
             "1110010O0010O0010O0010O0010O0010O000"},
        Case{"disc", 300, 400,
             [](int x, int y) { return (x - 180) * (x - 180) + (y - 140) * (y - 140) < 90 * 90; },
             "Sij0k0\\8:F:H6J6J6K4K6K4L4L4M2M4L4M2M4M2N2M4M2N2N2M4M2N2N2N2N2N2N2O0O2N2N2N2O0O2N"
             "2N2O0O2N2O0O2O0O2N2O0O2O0O2O0O2O000O2O0O2O000O2O000O2O000O2O0000000O2O0000000O2O"
             "0000000000000000000000000000000000000000000000000001N100000001N100000001N10001N1"
             "0001N10001N101N10001N101N101N101N2N101N101N2N101N2N2N101N2N2N2N101N2N2N2N2N2N2N3"
             "L3N2N2N3L3N2N3L3N3L4L3N3L4L4L5J5L5J6J6J8F:FnnU1"}),
    [](const auto& test_case) { return std::string(test_case.param.name); });

TEST(DecodeCocoRleTest, RefusesCountsThatDoNotFillTheSize) {
  EXPECT_THAT(DecodeCocoRle("S1", 5, 8), StatusIs(kInvalid, HasSubstr("35 of 40")));
  EXPECT_THAT(DecodeCocoRle("S1", 5, 6), StatusIs(kInvalid, HasSubstr("30 are left")));
  EXPECT_THAT(DecodeCocoRle("", 1, 1), StatusIs(kInvalid));
  EXPECT_THAT(DecodeCocoRle("S1", 0, 0), StatusIs(kInvalid));
  EXPECT_THAT(DecodeCocoRle("S1", -5, -7), StatusIs(kInvalid));
}

TEST(DecodeCocoRleTest, RefusesHostileCounts) {
  EXPECT_THAT(DecodeCocoRle("S", 5, 7), StatusIs(kInvalid, HasSubstr("ends within")));
  EXPECT_THAT(DecodeCocoRle("S1 ", 5, 7), StatusIs(kInvalid, HasSubstr("character 2")));
  EXPECT_THAT(DecodeCocoRle("\xff", 5, 7), StatusIs(kInvalid));
  EXPECT_THAT(DecodeCocoRle(std::string(100, 'o'), 5, 7),
              StatusIs(kInvalid, HasSubstr("too long")));
  EXPECT_THAT(DecodeCocoRle("O", 5, 7), StatusIs(kInvalid));    // -1
  EXPECT_THAT(DecodeCocoRle("PPlooooo7", 0x7fffffff, 1 << 12),  // fits: 8 TB
              StatusIs(kInvalid, HasSubstr("more than 67108864 pixels")));
}

}  // namespace
}  // namespace lingula
