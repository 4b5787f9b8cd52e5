// PNG in and out. The home of libpng.
#pragma once

#include <string>

#include <opencv2/core/mat.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/image/pixels.h"

namespace lingula {

// Pixels of a whole PNG file with the size that its header declares: CV_8UC1 or CV_16UC1 for grey
// files, CV_8UC3 or CV_16UC3 (BGR) for colour and palette files. Alpha and all ancillary chunks
// (gamma, profiles, text) are ignored.
// Errors   INVALID_ARGUMENT with libpng's reason: truncated, wrong checksum, bad data.
// Threads  Thread-safe.
absl::StatusOr<cv::Mat> DecodePng(absl::string_view file, const ImageHeader& header);

// How hard to try; both take any picture.
enum class PngEffort {
  kFlat,   // masks: long runs of one value
  kPhoto,  // pictures: speed before size
};

// A PNG file of a CV_8UC1, CV_16UC1, CV_8UC3 or CV_16UC3 (BGR) picture.
// Errors   INVALID_ARGUMENT another type or an empty picture; INTERNAL with libpng's reason.
absl::StatusOr<std::string> EncodePng(const cv::Mat& pixels, PngEffort effort);

}  // namespace lingula
