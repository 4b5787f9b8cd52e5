#include "server/service/overlap.h"

#include <cmath>
#include <cstdint>

#include <opencv2/imgproc.hpp>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/eval/distances.h"
#include "server/service/errors.h"

namespace lingula {
namespace {

constexpr char kField[] = "reference_mask";
// Of the masks' common rectangle. Distances take about a second at this size.
constexpr int64_t kMaxMeasuredPixels = int64_t{1} << 24;

absl::StatusOr<cv::Mat> DecodeReference(absl::string_view file, cv::Size size,
                                        const PixelLimits& limits) {
  LINGULA_ASSIGN_OR_RETURN(const ImageHeader header, ReadImageHeader(file));
  if (header.format != ImageFormat::kPng) {
    return absl::InvalidArgumentError(
        "reference_mask: must be a PNG file; lossy compression would move its border");
  }
  if (header.width != size.width || header.height != size.height) {
    return absl::InvalidArgumentError(
        absl::StrCat("reference_mask: must have the size of the image, ", size.width, " x ",
                     size.height, ", got ", header.width, " x ", header.height));
  }
  LINGULA_ASSIGN_OR_RETURN(const Picture picture, DecodeImage(file, 1, limits));
  return picture.pixels != 0;
}

// Of a mask whose rows follow on each other.
absl::Span<const uint8_t> PixelsOf(const cv::Mat& mask) {
  return {mask.data, mask.total()};
}

std::optional<double> Distance(const cv::Mat& mask, const cv::Mat& reference) {
  const cv::Rect both = cv::boundingRect(mask | reference);
  if (int64_t{both.width} * both.height > kMaxMeasuredPixels) {
    return std::nullopt;
  }
  const auto in_one_piece = [](const cv::Mat& m) { return m.isContinuous() ? m : m.clone(); };
  const double distance =
      Hausdorff95(PixelsOf(in_one_piece(mask)), PixelsOf(in_one_piece(reference)), mask.cols);
  return std::isnan(distance) ? std::nullopt : std::optional<double>(distance);
}

}  // namespace

absl::StatusOr<cv::Mat> ReadReference(absl::string_view file, cv::Size size,
                                      const PixelLimits& limits) {
  absl::StatusOr<cv::Mat> reference = DecodeReference(file, size, limits);
  return reference.ok() ? std::move(reference) : WithField(reference.status(), kField);
}

OverlapCounts CountOverlap(const cv::Mat& mask, const cv::Mat& reference) {
  OverlapCounts counts;
  for (int y = 0; y < mask.rows; ++y) {
    const auto columns = static_cast<size_t>(mask.cols);
    counts += CountOverlap(absl::MakeConstSpan(mask.ptr<uint8_t>(y), columns),
                           absl::MakeConstSpan(reference.ptr<uint8_t>(y), columns));
  }
  return counts;
}

MaskOverlap Compare(const cv::Mat& mask, const cv::Mat& reference) {
  MaskOverlap overlap;
  overlap.counts = CountOverlap(mask, reference);
  overlap.hausdorff95_px = Distance(mask, reference);
  return overlap;
}

void CopyOverlap(const MaskOverlap& from, v1::Overlap& overlap) {
  const OverlapCounts& counts = from.counts;
  if (counts.true_positive + counts.false_positive + counts.false_negative > 0) {
    overlap.set_dice(static_cast<float>(counts.Dice()));
    overlap.set_jaccard(static_cast<float>(counts.Jaccard()));
  }
  if (from.hausdorff95_px.has_value()) {
    overlap.set_hausdorff95_px(static_cast<float>(*from.hausdorff95_px));
  }
  overlap.set_true_positive_pixels(counts.true_positive);
  overlap.set_false_positive_pixels(counts.false_positive);
  overlap.set_false_negative_pixels(counts.false_negative);
}

}  // namespace lingula
