// Pixels to network input and back: model/image/preprocess.cc holds the arithmetic of the reference
// networks (docs/models.md, "Preprocessing").
#pragma once

#include <vector>

#include <opencv2/core/mat.hpp>

#include "absl/status/statusor.h"

namespace lingula {

// How a model wants its input; from the bundle's manifest.
struct InputSpec {
  int side_px = 224;
  int channels = 1;       // 1 grey, 3 RGB
  bool transpose = true;  // rows and columns swapped: tensor index [x, y]
};

// [channels, side, side] float32 ready for the network: bicubic resize with a = -0.75, no
// antialiasing and no clamping (torch's kernel; skipped when the size is right already), then per
// channel (x - mean) / population standard deviation over all pixels.
// `pixels` as in Picture, with spec.channels channels. A channel without contrast becomes zeros.
// Errors   INVALID_ARGUMENT when no channel has contrast: the z-score would turn rounding into
// noise;
//          INTERNAL for pixels that do not fit the spec.
absl::StatusOr<std::vector<float>> Preprocess(const cv::Mat& pixels, const InputSpec& spec);

// Probabilities of the network laid back over the picture: transposed back, resized bilinearly to
// `size`. `probabilities` is [side, side]; the result is CV_32FC1 of that size.
cv::Mat RestoreProbabilities(const std::vector<float>& probabilities, const InputSpec& spec,
                             cv::Size size);

}  // namespace lingula
