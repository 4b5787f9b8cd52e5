// Weights to begin with, from files of other runs and other people.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "model/train/learner.h"

namespace lingula {

// Takes over from each file what the recipe's `start` allows, and says on standard error how much
// that was: "started from FILE: 260 of 412 tensors". A file is the TFLite file of an ImageNet
// MobileNetV2 (see mobilenet_start.h; its normalisations are measured on images of `train`), a
// safetensors file (of a bundle, or best.safetensors of a run) or a bundle's folder, of which
// tensors of equal name and shape are taken; the image encoder and the location head of another
// family count as of equal name. The learner is on the CPU.
// Errors   INVALID_ARGUMENT when a file has nothing that fits, or the recipe wants a start and
//          there is no file; those of reading the files.
absl::Status StartLearner(const std::vector<std::string>& files, const train::v1::Recipe& recipe,
                          const ImageCache& train, Learner& learner);

}  // namespace lingula
