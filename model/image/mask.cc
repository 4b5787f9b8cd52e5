#include "model/image/mask.h"

#include <algorithm>
#include <array>

#include <opencv2/imgproc.hpp>

#include "model/base/clones.h"
#include "model/image/png_file.h"

namespace lingula {
namespace {

// Sums that fill the lanes of a vector register: with one running sum the compiler would have to
// keep the order of the additions, and work pixel by pixel.
constexpr int kLanes = 16;
struct Lanes {
  std::array<float, kLanes> probability{}, in_mask{}, largest{};
  std::array<int32_t, kLanes> foreground{};
};

LINGULA_INLINE void RenderLanes(const float* probabilities, float threshold, uint8_t* mask,
                                Lanes& sums) {
  for (int i = 0; i < kLanes; ++i) {
    // In this order a NaN becomes 0.
    const float p = std::min(1.0F, std::max(0.0F, probabilities[i]));
    const bool inside = p >= threshold;
    mask[i] = inside ? 255 : 0;
    sums.foreground[i] += inside ? 1 : 0;
    sums.probability[i] += p;
    sums.in_mask[i] += inside ? p : 0.0F;
    sums.largest[i] = std::max(sums.largest[i], p);
  }
}

// Float sums over a row and doubles over rows: exact enough for any size.
LINGULA_CLONES void RenderRow(const float* probabilities, int width, float threshold, uint8_t* mask,
                              MaskSums& sums) {
  Lanes lanes;
  int x = 0;
  for (; x + kLanes <= width; x += kLanes) {
    RenderLanes(probabilities + x, threshold, mask + x, lanes);
  }
  if (x < width) {  // the rest, filled up with zeros; none of them reaches a threshold
    std::array<float, kLanes> rest{};
    std::array<uint8_t, kLanes> rest_mask{};
    std::copy(probabilities + x, probabilities + width, rest.begin());
    RenderLanes(rest.data(), threshold, rest_mask.data(), lanes);
    std::copy_n(rest_mask.begin(), width - x, mask + x);
  }
  for (int i = 0; i < kLanes; ++i) {
    sums.foreground += lanes.foreground[i];
    sums.probability += lanes.probability[i];
    sums.probability_in_mask += lanes.in_mask[i];
    sums.max_probability = std::max(sums.max_probability, lanes.largest[i]);
  }
}

}  // namespace

RenderedMask RenderMask(const cv::Mat& probabilities, float threshold) {
  RenderedMask rendered;
  rendered.mask.create(probabilities.size(), CV_8UC1);
  rendered.sums.pixels = static_cast<int64_t>(probabilities.total());
  for (int y = 0; y < probabilities.rows; ++y) {
    RenderRow(probabilities.ptr<float>(y), probabilities.cols, threshold,
              rendered.mask.ptr<uint8_t>(y), rendered.sums);
  }
  return rendered;
}

cv::Point2d MaskCentre(const cv::Mat& mask) {
  const cv::Moments moments = cv::moments(mask, true);
  if (moments.m00 == 0) {
    return {0.5, 0.5};
  }
  return {(moments.m10 / moments.m00 + 0.5) / mask.cols,
          (moments.m01 / moments.m00 + 0.5) / mask.rows};
}

absl::StatusOr<std::string> EncodeMaskPng(const cv::Mat& mask) {
  return EncodePng(mask, PngEffort::kFlat);
}

}  // namespace lingula
