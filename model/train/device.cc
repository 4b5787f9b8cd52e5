#include "model/train/device.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace lingula {

absl::StatusOr<torch::Device> DeviceNamed(absl::string_view name) {
  if (name == "cpu") {
    return torch::Device(torch::kCPU);
  }
  absl::string_view rest = name;
  int index = 0;
  if (!absl::ConsumePrefix(&rest, "cuda") ||
      (!rest.empty() && (!absl::ConsumePrefix(&rest, ":") || !absl::SimpleAtoi(rest, &index) ||
                         index < 0 || index > 127))) {
    return absl::InvalidArgumentError(
        absl::StrCat("device \"", name, "\": must be cpu, cuda or cuda:N"));
  }
  if (!torch::cuda::is_available()) {
    return absl::FailedPreconditionError(
        absl::StrCat("device ", name, ": this machine has no CUDA device, or this LibTorch (",
                     TORCH_VERSION, ") was built without CUDA; use cpu"));
  }
  if (const auto count = static_cast<int>(torch::cuda::device_count()); index >= count) {
    return absl::FailedPreconditionError(
        absl::StrCat("device ", name, ": this machine has ", count, ", counted from 0"));
  }
  return torch::Device(torch::kCUDA, static_cast<torch::DeviceIndex>(index));
}

}  // namespace lingula
