#include "model/image/mask.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <opencv2/imgproc.hpp>

#include "model/base/clones.h"
#include "model/image/png_file.h"

namespace lingula {
namespace {

// Vectors of a width that the widest registers hold; the compiler splits them for narrower ones.
// Arrays in their place would be kept in memory between the steps of a row.
constexpr int kLanes = 16;
using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
using Ints = int32_t __attribute__((vector_size(kLanes * sizeof(int32_t))));
using Bytes = uint8_t __attribute__((vector_size(kLanes)));
struct Lanes {
  Floats probability{}, in_mask{}, largest{};
  Ints foreground{};
};

LINGULA_INLINE void RenderLanes(const float* probabilities, float threshold, uint8_t* mask,
                                Lanes& sums) {
  const Floats zero{};
  const Floats one = zero + 1.0F;
  Floats p;
  std::memcpy(&p, probabilities, sizeof(p));
  p = p > zero ? p : zero;  // a NaN becomes 0
  p = p < one ? p : one;
  const Ints inside = p >= zero + threshold;  // -1 where true
  sums.foreground -= inside;
  sums.probability += p;
  sums.in_mask += inside ? p : zero;
  sums.largest = sums.largest > p ? sums.largest : p;
  const Bytes bytes = __builtin_convertvector(inside, Bytes);
  std::memcpy(mask, &bytes, sizeof(bytes));
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

RenderedMask RenderMask(EnlargedRows& rows, float threshold) {
  const cv::Size size = rows.size();
  RenderedMask rendered;
  rendered.mask.create(size, CV_8UC1);
  rendered.sums.pixels = static_cast<int64_t>(size.width) * size.height;
  for (int y = 0; y < size.height; ++y) {
    RenderRow(rows.Row(y), size.width, threshold, rendered.mask.ptr<uint8_t>(y), rendered.sums);
  }
  return rendered;
}

RenderedMask RenderMask(const cv::Mat& probabilities, float threshold) {
  EnlargedRows as_they_are(probabilities, probabilities.size());
  return RenderMask(as_they_are, threshold);
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
