#include "model/train/picture_files.h"

#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/image/pixels.h"

namespace lingula {

absl::StatusOr<cv::Mat> ReadPicture(const std::string& path, int channels) {
  LINGULA_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  auto picture = DecodeImage(bytes, channels, PixelLimits());
  if (!picture.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", picture.status().message()));
  }
  return picture->pixels;
}

absl::StatusOr<cv::Mat> ReadMask(const std::string& path) {
  LINGULA_ASSIGN_OR_RETURN(const cv::Mat grey, ReadPicture(path, 1));
  const double half = grey.depth() == CV_16U ? 32767 : 127;
  return cv::Mat((grey > half) / 255);
}

}  // namespace lingula
