#include <algorithm>
#include <array>
#include <cstdint>

#include <opencv2/imgproc.hpp>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/image/mask.h"
#include "model/image/opencv_door.h"
#include "model/image/png_file.h"

namespace lingula {
namespace {

// Blue, green, red. Orange and yellow do not occur in an X-ray, stand out from black and white
// alike, and are told apart from grey by people who cannot tell red from green.
constexpr std::array<int, 3> kTint = {0, 110, 255};
constexpr std::array<uint8_t, 3> kOutline = {40, 220, 255};
constexpr int kTintPercent = 40;
constexpr int kOutlineSidePx = 512;  // the outline is 2 pixels wide on a picture of this side

using TintTable = std::array<std::array<uint8_t, 256>, 3>;

TintTable MakeTintTable() {
  TintTable table;
  for (int c = 0; c < 3; ++c) {
    for (int value = 0; value < 256; ++value) {
      table[c][value] =
          static_cast<uint8_t>((value * (100 - kTintPercent) + kTint[c] * kTintPercent) / 100);
    }
  }
  return table;
}

// 8-bit BGR that may be painted on.
cv::Mat ToCanvas(const cv::Mat& picture) {
  cv::Mat bytes = picture;
  if (picture.depth() == CV_16U) {
    double low = 0;
    double high = 0;
    cv::minMaxLoc(picture.reshape(1), &low, &high);
    const double scale = high > low ? 255 / (high - low) : 0;
    picture.convertTo(bytes, CV_8U, scale, -low * scale);
  }
  cv::Mat canvas;
  if (bytes.channels() == 1) {
    cv::cvtColor(bytes, canvas, cv::COLOR_GRAY2BGR);
  } else {
    bytes.copyTo(canvas);
  }
  return canvas;
}

// Nonzero along the inner edge of the mask; the picture's own border is no edge.
cv::Mat InnerEdge(const cv::Mat& mask) {
  const int side = std::max(mask.cols, mask.rows);
  const int width_px = std::max(1, (2 * side + kOutlineSidePx / 2) / kOutlineSidePx);
  const cv::Size reach(2 * width_px + 1, 2 * width_px + 1);
  cv::Mat inner;
  cv::erode(mask, inner, cv::getStructuringElement(cv::MORPH_RECT, reach));
  return mask - inner;
}

void Paint(const cv::Mat& mask, const cv::Mat& edge, cv::Mat& canvas) {
  static const TintTable table = MakeTintTable();
  for (int y = 0; y < canvas.rows; ++y) {
    const auto* inside = mask.ptr<uint8_t>(y);
    const auto* outline = edge.ptr<uint8_t>(y);
    auto* pixel = canvas.ptr<uint8_t>(y);
    for (int x = 0; x < canvas.cols; ++x, pixel += 3) {
      if (inside[x] == 0) {
        continue;
      }
      for (int c = 0; c < 3; ++c) {
        pixel[c] = outline[x] != 0 ? kOutline[c] : table[c][pixel[c]];
      }
    }
  }
}

}  // namespace

absl::StatusOr<cv::Mat> DrawOverlay(const cv::Mat& picture, const cv::Mat& mask) {
  if (picture.size() != mask.size() || mask.type() != CV_8UC1) {
    return absl::InternalError(absl::StrCat("overlay: the mask of ", mask.cols, " x ", mask.rows,
                                            " does not fit the picture of ", picture.cols, " x ",
                                            picture.rows));
  }
  return WithOpenCv("overlay failed", [&]() -> absl::StatusOr<cv::Mat> {
    cv::Mat canvas = ToCanvas(picture);
    Paint(mask, InnerEdge(mask), canvas);
    return canvas;
  });
}

absl::StatusOr<std::string> EncodeOverlayPng(const cv::Mat& picture, const cv::Mat& mask) {
  LINGULA_ASSIGN_OR_RETURN(const cv::Mat canvas, DrawOverlay(picture, mask));
  return EncodePng(canvas, PngEffort::kPhoto);
}

}  // namespace lingula
