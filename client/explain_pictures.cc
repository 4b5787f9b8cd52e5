#include "client/explain_pictures.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/base/status_macros.h"
#include "model/image/mask.h"
#include "model/image/pixels.h"
#include "model/image/png_file.h"

namespace lingula::cli {
namespace {

uint8_t RampAt(double p, int channel) {
  const double at = p * (kProbabilityRamp.size() - 1);
  const size_t step = std::min(static_cast<size_t>(at), kProbabilityRamp.size() - 2);
  const double share = at - static_cast<double>(step);
  return static_cast<uint8_t>(std::lround(kProbabilityRamp[step][channel] * (1 - share) +
                                          kProbabilityRamp[step + 1][channel] * share));
}

absl::StatusOr<PagePicture> Pack(const cv::Mat& pixels) {
  cv::Mat fitted = pixels;
  const int side = std::max(pixels.cols, pixels.rows);
  if (side > kPageSide_px) {
    const double scale = static_cast<double>(kPageSide_px) / side;
    cv::resize(pixels, fitted,
               cv::Size(std::max(1, static_cast<int>(pixels.cols * scale)),
                        std::max(1, static_cast<int>(pixels.rows * scale))),
               0, 0, cv::INTER_AREA);
  }
  LINGULA_ASSIGN_OR_RETURN(const std::string png, EncodePng(fitted, PngEffort::kPhoto));
  return PagePicture{absl::StrCat("data:image/png;base64,", absl::Base64Escape(png)), pixels.cols,
                     pixels.rows};
}

// Grey pictures take a third of the room.
cv::Mat GreyIfGrey(const cv::Mat& bgr) {
  std::array<cv::Mat, 3> channels;
  cv::split(bgr, channels.data());
  const bool grey = cv::norm(channels[0], channels[1], cv::NORM_INF) == 0 &&
                    cv::norm(channels[1], channels[2], cv::NORM_INF) == 0;
  return grey ? channels[0] : bgr;
}

}  // namespace

absl::StatusOr<PagePicture> PictureOf(absl::string_view file) {
  LINGULA_ASSIGN_OR_RETURN(const Picture picture, DecodeImage(file, 3, PixelLimits()));
  // Over nothing: only brings 16 bits to 8 in the way of overlays.
  const cv::Mat nothing = cv::Mat::zeros(picture.pixels.size(), CV_8UC1);
  LINGULA_ASSIGN_OR_RETURN(const cv::Mat canvas, DrawOverlay(picture.pixels, nothing));
  return Pack(GreyIfGrey(canvas));
}

absl::StatusOr<PagePicture> ProbabilityPicture(const v1::Mask& mask) {
  const std::string& bytes = mask.probabilities_uint8();
  if (bytes.empty() || bytes.size() != size_t{mask.width()} * mask.height()) {
    return absl::InternalError(absl::StrCat("the server sent ", bytes.size(), " probabilities for ",
                                            mask.width(), " x ", mask.height(), " pixels"));
  }
  cv::Mat colours(static_cast<int>(mask.height()), static_cast<int>(mask.width()), CV_8UC3);
  uint8_t* pixel = colours.data;
  for (const char byte : bytes) {
    const double p = static_cast<uint8_t>(byte) / 255.0;
    for (int channel = 2; channel >= 0; --channel) {  // OpenCV: blue first
      *pixel++ = RampAt(p, channel);
    }
  }
  return Pack(colours);
}

std::string ProbabilityGradient() {
  std::string stops;
  for (size_t i = 0; i < kProbabilityRamp.size(); ++i) {
    absl::StrAppendFormat(&stops, "%srgb(%d,%d,%d) %d%%", i > 0 ? "," : "", kProbabilityRamp[i][0],
                          kProbabilityRamp[i][1], kProbabilityRamp[i][2],
                          100 * i / (kProbabilityRamp.size() - 1));
  }
  return stops;
}

}  // namespace lingula::cli
