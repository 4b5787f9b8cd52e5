// A look at a network's intermediate tensors, for comparison with recorded ones.
#pragma once

#include <functional>
#include <string>

#include <torch/torch.h>

namespace lingula {

// Called with the name of an intermediate tensor, as the recorded files have it, and its value.
// Serving passes none.
using Tap = std::function<void(const std::string& name, const torch::Tensor& value)>;

}  // namespace lingula
