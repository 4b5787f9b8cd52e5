// Probabilities to a mask, its quality figures and the forms in which it travels.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <opencv2/core/mat.hpp>

#include "absl/status/statusor.h"
#include "model/image/enlarge.h"

namespace lingula {

// Sums over one mask; p is a pixel's probability, y is 1 where p >= threshold.
struct MaskSums {
  int64_t pixels = 0;
  int64_t foreground = 0;
  double probability = 0;          // sum of p
  double probability_in_mask = 0;  // sum of p * y
  float max_probability = 0;
};

struct RenderedMask {
  cv::Mat mask;  // CV_8UC1, 0 or 255
  MaskSums sums;
};

// `probabilities` CV_32FC1 in [0, 1]; `threshold` in (0, 1). Sums are in float along a row and in
// double over rows.
RenderedMask RenderMask(const cv::Mat& probabilities, float threshold);
// The same of `rows`: of a large picture without its map of probabilities, which is four times the
// size of the mask.
RenderedMask RenderMask(EnlargedRows& rows, float threshold);

// Centre of mass of a mask, in [0, 1] of its width and height; (0.5, 0.5) when it is empty.
cv::Point2d MaskCentre(const cv::Mat& mask);

// 8-bit grey PNG with 0 and 255. Fast rather than small. `mask` as in RenderedMask.
absl::StatusOr<std::string> EncodeMaskPng(const cv::Mat& mask);

// Compressed counts in column order as pycocotools' mask.encode writes them.
std::string EncodeCocoRle(const cv::Mat& mask);
// The reverse, for clients and tests. INVALID_ARGUMENT for counts that do not fill the size, or
// more than 2^26 pixels.
absl::StatusOr<cv::Mat> DecodeCocoRle(const std::string& counts, int height, int width);

// The picture in grey or colour with the mask tinted over it and outlined: CV_8UC3 (BGR). 16-bit
// pictures are stretched to their own range. INTERNAL when the two differ in size.
absl::StatusOr<cv::Mat> DrawOverlay(const cv::Mat& picture, const cv::Mat& mask);

// The same as an 8-bit RGB PNG file.
absl::StatusOr<std::string> EncodeOverlayPng(const cv::Mat& picture, const cv::Mat& mask);

}  // namespace lingula
