// Where a program computes.
#pragma once

#include <torch/torch.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula {

// "cpu", "cuda" (the first) or "cuda:N".
// Errors   INVALID_ARGUMENT for another name; FAILED_PRECONDITION when this LibTorch or machine has
//          no such device.
absl::StatusOr<torch::Device> DeviceNamed(absl::string_view name);

}  // namespace lingula
