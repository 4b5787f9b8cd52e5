// JPEG in and out. The home of libjpeg.
#pragma once

#include <string>

#include <opencv2/core/mat.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/image/pixels.h"

namespace lingula {

// Pixels of a whole baseline or progressive JPEG file with the size that its header declares:
// CV_8UC1
// (`channels` 1: luminance) or CV_8UC3 (`channels` 3: BGR).
// Errors   INVALID_ARGUMENT with libjpeg's reason. Data that libjpeg would paint over with a
// warning
//          (truncated, bad codes) count as errors: half a lung is not an image.
// Threads  Thread-safe.
absl::StatusOr<cv::Mat> DecodeJpeg(absl::string_view file, const ImageHeader& header, int channels);

// A baseline JPEG file of a CV_8UC3 (BGR) picture. `quality` in [1, 100].
// Errors   INVALID_ARGUMENT another type, an empty picture or one of more than 65,500 pixels a
// side;
//          INTERNAL with libjpeg's reason.
// Threads  Thread-safe.
absl::StatusOr<std::string> EncodeJpeg(const cv::Mat& bgr, int quality);

}  // namespace lingula
