// A network as plain Torch code runs it on any device: float32, nothing folded, no graph, pixels on
// the device already. The yardstick of engines on GPUs.
#pragma once

#include <functional>

#include <torch/torch.h>

#include "absl/status/statusor.h"
#include "model/bundle/bundle.h"

namespace lingula::bench {

// From images [n, 3, side, side] on `device` to mask logits there.
using BareNet = std::function<torch::Tensor(const torch::Tensor& images)>;

// Errors   INVALID_ARGUMENT as LoadEngine.
absl::StatusOr<BareNet> LoadBareNet(const Bundle& bundle, const torch::Device& device);

}  // namespace lingula::bench
