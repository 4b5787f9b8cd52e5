// Pictures of `lingula explain`, ready for an <img>.
#pragma once

#include <array>
#include <string>

#include <opencv2/core/mat.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lingula/v1/mask.pb.h"

namespace lingula::cli {

// Longest side of a picture in a page, pixels; larger ones are made smaller.
inline constexpr int kPageSide_px = 1400;

// Colours of probabilities: red, green, blue at equal steps from 0 to 1. Dark blue over teal to
// yellow, each brighter than the one before, so that they read in print and for everybody's eyes.
inline constexpr std::array<std::array<int, 3>, 5> kProbabilityRamp = {
    {{18, 16, 52}, {47, 68, 130}, {35, 128, 138}, {110, 190, 100}, {250, 226, 70}}};

struct PagePicture {
  std::string data_uri;       // a PNG file
  int width = 0, height = 0;  // of the picture before it was made smaller
};

// Pixels only: what else a file holds (names, dates, places) does not get into a page.
// `file`: PNG or JPEG. Errors   those of DecodeImage.
absl::StatusOr<PagePicture> PictureOf(absl::string_view file);

// Probabilities in those colours. INTERNAL when the size does not fit the content.
absl::StatusOr<PagePicture> ProbabilityPicture(const v1::Mask& probabilities);

// The same colours for a legend, as a CSS gradient's stops: "rgb(…) 0%, …".
std::string ProbabilityGradient();

}  // namespace lingula::cli
