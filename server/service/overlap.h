// A mask against the one that the caller holds to be right.
#pragma once

#include <optional>

#include <opencv2/core/mat.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lingula/v1/quality.pb.h"
#include "model/eval/overlap.h"
#include "model/image/pixels.h"

namespace lingula {

// What two masks share.
struct MaskOverlap {
  OverlapCounts counts;
  // Pixels. None when only one of the masks is empty, or both are too large to be measured in a
  // request's time and memory.
  std::optional<double> hausdorff95_px;
};

// A reference mask from its PNG file: CV_8UC1, nonzero where any of its pixels is.
// Errors   INVALID_ARGUMENT no PNG, truncated, or not of `size`, with the field; OUT_OF_RANGE more
//          pixels than allowed.
absl::StatusOr<cv::Mat> ReadReference(absl::string_view file, cv::Size size,
                                      const PixelLimits& limits);

// Both CV_8UC1 of the same size, nonzero inside.
OverlapCounts CountOverlap(const cv::Mat& mask, const cv::Mat& reference);
// The same with their distance.
MaskOverlap Compare(const cv::Mat& mask, const cv::Mat& reference);

void CopyOverlap(const MaskOverlap& from, v1::Overlap& overlap);

}  // namespace lingula
