// Bytes to pixels, whatever the bytes are. Thread-safe.
#pragma once

#include <cstdint>

#include <opencv2/core/mat.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula {

// What a file says of itself before it is decoded.
enum class ImageFormat { kPng, kJpeg };
struct ImageHeader {
  ImageFormat format = ImageFormat::kPng;
  int width = 0, height = 0;
};

// Reads kind and size from the first bytes.
// Errors   INVALID_ARGUMENT empty, truncated or unknown content; UNIMPLEMENTED a known kind that is
//          not read here (GIF, BMP, TIFF, WebP, DICOM, ...), by name.
absl::StatusOr<ImageHeader> ReadImageHeader(absl::string_view file);

struct PixelLimits {
  int64_t max_pixels = int64_t{1} << 26;
};

// A decoded picture. `pixels` is CV_8UC1, CV_16UC1, CV_8UC3 or CV_16UC3 (BGR, as OpenCV keeps
// colour); 16-bit depth is kept, alpha is dropped, EXIF orientation is ignored.
struct Picture {
  cv::Mat pixels;
  bool lossy = false;  // came through lossy compression
};

// Decodes a PNG or JPEG file into grey (`channels` 1) or colour (`channels` 3).
// Errors   those of ReadImageHeader; OUT_OF_RANGE more pixels than allowed, judged from the header;
//          INVALID_ARGUMENT a body that cannot be decoded whole.
absl::StatusOr<Picture> DecodeImage(absl::string_view file, int channels,
                                    const PixelLimits& limits);

enum class PixelFormat { kGray8, kGray16, kRgb8, kBgr8 };
struct RawPixels {
  int64_t width = 0, height = 0;
  int64_t stride_bytes = 0;  // 0: rows without padding
  PixelFormat format = PixelFormat::kGray8;
  absl::string_view data;
};

// Takes bare pixels; copies only where the format must change. The result may point into
// `raw.data`. Errors   INVALID_ARGUMENT sizes and data that contradict each other; OUT_OF_RANGE too
// many pixels.
absl::StatusOr<Picture> TakePixels(const RawPixels& raw, int channels, const PixelLimits& limits);

}  // namespace lingula
