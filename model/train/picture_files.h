// Pictures and masks of a data set, read from files.
#pragma once

#include <string>

#include <opencv2/core/mat.hpp>

#include "absl/status/statusor.h"

namespace lingula {

// The pixels of an image file, as in Picture. Errors name the file.
absl::StatusOr<cv::Mat> ReadPicture(const std::string& path, int channels);

// A mask file as CV_8UC1 with 0 and 1, at its own size: foreground where grey is above half.
absl::StatusOr<cv::Mat> ReadMask(const std::string& path);

}  // namespace lingula
