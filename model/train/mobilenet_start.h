// An ImageNet start for the MobileNetV2 encoder from the published int8 TFLite file.
#pragma once

#include <string>
#include <vector>

#include <torch/torch.h>

#include "absl/status/statusor.h"
#include "model/nets/mobilenet_v2.h"

namespace lingula {

// A convolution with its normalisation folded in, float32.
struct FoldedConv {
  torch::Tensor weight;  // [out, in / groups, kh, kw]
  torch::Tensor bias;    // [out]
};

// The 51 convolutions before the classifier, in the order of computation.
// Errors   INVALID_ARGUMENT when the file is not a TFLite model of that shape.
absl::StatusOr<std::vector<FoldedConv>> ReadMobileNetV2(const std::string& path);

// Puts the convolutions into `encoder` and its batch normalisations back as identities: running
// mean and variance are what `images` [B, 3, S, S] produce, weight and bias undo them. Training
// then starts from the ImageNet function. `transpose` swaps the kernels' axes for a network that
// sees [x, y]. Errors   INVALID_ARGUMENT when a shape does not fit.
absl::Status StartFrom(const std::vector<FoldedConv>& convs, bool transpose,
                       const torch::Tensor& images, MobileNetV2& encoder);

}  // namespace lingula
