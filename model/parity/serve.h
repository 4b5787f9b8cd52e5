// Golden pictures through an engine, as a server runs it.
#pragma once

#include <vector>

#include <torch/torch.h>

#include "absl/status/statusor.h"
#include "model/engine/engine.h"
#include "model/parity/file_check.h"

namespace lingula::parity {

struct Served {
  std::vector<Prediction> predictions;
  torch::Tensor probabilities;  // [B, 1, S, S]
};

// images [B, 3, S, S] with equal channels; picture i is asked about as asked[i] says, whose pixels
// do not matter. Errors   those of the engine.
absl::StatusOr<Served> Serve(Engine& engine, const torch::Tensor& images,
                             const std::vector<Sample>& asked);

// The same question for each picture.
std::vector<Sample> Alike(const torch::Tensor& images, GuidanceMode guidance);

// The pictures that the metadata's "input" names: "inputs.safetensors: BATCH".
absl::StatusOr<torch::Tensor> NamedImages(const FileCheck& check);

}  // namespace lingula::parity
