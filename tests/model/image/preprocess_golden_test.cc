// Network inputs recorded from Python; tests/golden/preprocess/README.md says how.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "model/image/pixels.h"
#include "model/image/preprocess.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;

constexpr char kFolder[] = "tests/golden/preprocess/";
constexpr double kTolerance = 1e-5;  // torch in float32 is off by up to 3e-5 itself; measured: 4e-6

std::vector<float> Recorded(const std::string& name) {
  const auto bytes = ReadFile(absl::StrCat(kFolder, name, ".f32"));
  EXPECT_THAT(bytes, IsOk());
  std::vector<float> values(bytes->size() / sizeof(float));
  std::memcpy(values.data(), bytes->data(), bytes->size());
  return values;
}

double Difference(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    largest = std::max(largest, static_cast<double>(std::abs(a[i] - b[i])));
  }
  return largest;
}

TEST(PreprocessGoldenTest, FilesThroughTheReferencePipeline) {
  for (const char* name : {"synthetic0", "synthetic1"}) {
    const auto file = ReadFile(absl::StrCat(kFolder, name, ".png"));
    ASSERT_THAT(file, IsOk());
    const auto picture = DecodeImage(*file, 1, {});
    ASSERT_THAT(picture, IsOk());
    const auto input = Preprocess(picture->pixels, InputSpec());
    ASSERT_THAT(input, IsOk());
    EXPECT_LE(Difference(*input, Recorded(absl::StrCat(name, "_224x224_to_224"))), kTolerance);
  }
}

struct Case {
  const char* name;
  int width, height, type;
  int modulus;
  InputSpec spec;
};

template <typename T>
void Fill(const Case& c, cv::Mat& pixels) {
  const int channels = pixels.channels();
  for (int64_t y = 0; y < c.height; ++y) {
    for (int64_t x = 0; x < c.width; ++x) {
      for (int64_t k = 0; k < channels; ++k) {  // 0 is red, which OpenCV keeps last
        const int64_t value = 3 * x * x + 5 * y * y + 7 * x * y + 11 * x + 17 * y + 31 * k;
        pixels.ptr<T>(static_cast<int>(y))[x * channels + channels - 1 - k] =
            static_cast<T>(value % c.modulus);
      }
    }
  }
}

class PreprocessFormulaTest : public testing::TestWithParam<Case> {};

TEST_P(PreprocessFormulaTest, ResizesAsTorchDoes) {
  const Case& c = GetParam();
  cv::Mat pixels(c.height, c.width, c.type);
  if (pixels.depth() == CV_8U) {
    Fill<uint8_t>(c, pixels);
  } else {
    Fill<uint16_t>(c, pixels);
  }
  const auto input = Preprocess(pixels, c.spec);
  ASSERT_THAT(input, IsOk());
  EXPECT_LE(Difference(*input, Recorded(c.name)), kTolerance);
}

INSTANTIATE_TEST_SUITE_P(
    All, PreprocessFormulaTest,
    testing::Values(Case{"wide_301x257_to_64", 301, 257, CV_8UC1, 256, {64, 1, true}},
                    Case{"tall_97x500_to_96", 97, 500, CV_8UC1, 256, {96, 1, true}},
                    Case{"large_640x448_to_64", 640, 448, CV_8UC1, 256, {64, 1, false}},
                    Case{"small_40x30_to_80", 40, 30, CV_8UC1, 256, {80, 1, true}},
                    Case{"deep_120x90_to_64", 120, 90, CV_16UC1, 65521, {64, 1, true}},
                    Case{"rgb_130x170_to_48", 130, 170, CV_8UC3, 256, {48, 3, true}}),
    [](const auto& c) { return std::string(c.param.name); });

}  // namespace
}  // namespace lingula
