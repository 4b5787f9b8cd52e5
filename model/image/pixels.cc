#include "model/image/pixels.h"

#include <cstring>

#include <opencv2/imgproc.hpp>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/image/jpeg_file.h"
#include "model/image/opencv_door.h"
#include "model/image/png_file.h"

namespace lingula {
namespace {

absl::Status CheckSize(int64_t width, int64_t height, const PixelLimits& limits) {
  if (width < 1 || height < 1) {
    return absl::InvalidArgumentError(absl::StrCat("image: ", width, " x ", height,
                                                   " pixels: width and height must be at least 1"));
  }
  if (width > limits.max_pixels / height) {
    return absl::OutOfRangeError(absl::StrCat("image: ", width, " x ", height,
                                              " pixels are more than the ", limits.max_pixels,
                                              " allowed"));
  }
  return absl::OkStatus();
}

absl::Status CheckChannels(int channels) {
  return channels == 1 || channels == 3
             ? absl::OkStatus()
             : absl::InternalError(absl::StrCat("pictures have 1 or 3 channels, not ", channels));
}

// BGR or grey to `channels`.
cv::Mat WithChannels(const cv::Mat& pixels, int channels) {
  if (pixels.channels() == channels) {
    return pixels;
  }
  cv::Mat converted;
  cv::cvtColor(pixels, converted, channels == 1 ? cv::COLOR_BGR2GRAY : cv::COLOR_GRAY2BGR);
  return converted;
}

int TypeOf(PixelFormat format) {
  switch (format) {
    case PixelFormat::kGray8:
      return CV_8UC1;
    case PixelFormat::kGray16:
      return CV_16UC1;
    case PixelFormat::kRgb8:
    case PixelFormat::kBgr8:
      return CV_8UC3;
  }
  return CV_8UC1;
}

absl::Status CheckRows(const RawPixels& raw, int64_t stride, int64_t row_bytes) {
  if (stride < row_bytes) {
    return absl::InvalidArgumentError(absl::StrCat("image: stride_bytes ", stride,
                                                   " is less than one row of ", row_bytes,
                                                   " bytes; 0 means rows without padding"));
  }
  const auto size = static_cast<int64_t>(raw.data.size());
  // Division, since stride * height may overflow.
  if (size < row_bytes || (size - row_bytes) / stride < raw.height - 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("image: data holds ", size, " bytes, too few for ", raw.height, " rows of ",
                     row_bytes, " bytes that are ", stride, " bytes apart"));
  }
  return absl::OkStatus();
}

// A view of `raw`, or a copy where its 16-bit values do not lie on even addresses.
cv::Mat RowsOf(const RawPixels& raw, int64_t stride, int64_t row_bytes) {
  const int type = TypeOf(raw.format);
  const cv::Size size(static_cast<int>(raw.width), static_cast<int>(raw.height));
  const auto address = reinterpret_cast<uintptr_t>(raw.data.data());
  if (CV_ELEM_SIZE1(type) == 1 || (address % 2 == 0 && stride % 2 == 0)) {
    // Never written to: who changes a Picture makes a new Mat.
    return cv::Mat(size, type, const_cast<char*>(raw.data.data()), static_cast<size_t>(stride));
  }
  cv::Mat copy(size, type);
  for (int y = 0; y < size.height; ++y) {
    std::memcpy(copy.ptr(y), raw.data.data() + y * stride, static_cast<size_t>(row_bytes));
  }
  return copy;
}

}  // namespace

absl::StatusOr<Picture> DecodeImage(absl::string_view file, int channels,
                                    const PixelLimits& limits) {
  LINGULA_RETURN_IF_ERROR(CheckChannels(channels));
  LINGULA_ASSIGN_OR_RETURN(const ImageHeader header, ReadImageHeader(file));
  LINGULA_RETURN_IF_ERROR(CheckSize(header.width, header.height, limits));
  return WithOpenCv("image decoding failed", [&]() -> absl::StatusOr<Picture> {
    if (header.format == ImageFormat::kJpeg) {
      LINGULA_ASSIGN_OR_RETURN(cv::Mat pixels, DecodeJpeg(file, header, channels));
      return Picture{pixels, true};
    }
    LINGULA_ASSIGN_OR_RETURN(const cv::Mat pixels, DecodePng(file, header));
    return Picture{WithChannels(pixels, channels), false};
  });
}

absl::StatusOr<Picture> TakePixels(const RawPixels& raw, int channels, const PixelLimits& limits) {
  LINGULA_RETURN_IF_ERROR(CheckChannels(channels));
  LINGULA_RETURN_IF_ERROR(CheckSize(raw.width, raw.height, limits));
  const int64_t row_bytes = raw.width * static_cast<int64_t>(CV_ELEM_SIZE(TypeOf(raw.format)));
  const int64_t stride = raw.stride_bytes == 0 ? row_bytes : raw.stride_bytes;
  LINGULA_RETURN_IF_ERROR(CheckRows(raw, stride, row_bytes));
  return WithOpenCv("pixel conversion failed", [&]() -> absl::StatusOr<Picture> {
    const cv::Mat pixels = RowsOf(raw, stride, row_bytes);
    if (raw.format != PixelFormat::kRgb8) {
      return Picture{WithChannels(pixels, channels), false};
    }
    cv::Mat converted;
    cv::cvtColor(pixels, converted, channels == 1 ? cv::COLOR_RGB2GRAY : cv::COLOR_RGB2BGR);
    return Picture{converted, false};
  });
}

}  // namespace lingula
