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
  int channels = 1;        // 1 grey, 3 RGB
  bool transpose = true;   // rows and columns swapped: tensor index [x, y]
  bool antialias = false;  // larger pictures are averaged over areas first
};

// [channels, side, side] float32 ready for the network: with spec.antialias, what is longer than
// the side is reduced to it by averaging over areas; then bicubic resize with a = -0.75 and without
// clamping (torch's kernel; skipped when the size is right already), then per
// channel (x - mean) / population standard deviation over all pixels.
// `picture` as in Picture, with spec.channels channels. A channel without contrast becomes zeros.
// Errors   INVALID_ARGUMENT when no channel has contrast: the z-score would turn rounding into
// noise;
//          INTERNAL for a picture that does not fit the spec.
absl::StatusOr<std::vector<float>> Preprocess(const cv::Mat& picture, const InputSpec& spec);

// Probabilities of the network as the picture lies: transposed back. `probabilities` is [side,
// side]; the result is CV_32FC1 of that size.
cv::Mat UprightProbabilities(const std::vector<float>& probabilities, const InputSpec& spec);

// The same laid over the picture: resized bilinearly to `size` (enlarge.h), CV_32FC1.
cv::Mat RestoreProbabilities(const std::vector<float>& probabilities, const InputSpec& spec,
                             cv::Size size);

}  // namespace lingula
