#include "model/image/tensor.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace lingula {
namespace {

// A search that may end early keeps to one value at a time; a maximum runs in vector registers.
bool AllFinite(const std::vector<float>& values) {
  constexpr uint32_t kMagnitude = 0x7fffffff;
  constexpr uint32_t kInfinity = 0x7f800000;  // NaN is above it
  uint32_t largest = 0;
  for (const float value : values) {
    uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof(bits));
    largest = std::max(largest, bits & kMagnitude);
  }
  return largest < kInfinity;
}

}  // namespace

absl::StatusOr<std::vector<float>> TakeTensor(absl::string_view bytes, const InputSpec& spec) {
  const size_t values = static_cast<size_t>(spec.channels) * spec.side_px * spec.side_px;
  if (bytes.size() != values * sizeof(float)) {
    return absl::InvalidArgumentError(absl::StrCat("the tensor must be ", values * sizeof(float),
                                                   " bytes long, got ", bytes.size()));
  }
  std::vector<float> tensor(values);
  std::memcpy(tensor.data(), bytes.data(), bytes.size());  // our machines are little-endian
  if (!AllFinite(tensor)) {
    const auto odd = std::find_if_not(tensor.begin(), tensor.end(),
                                      [](float value) { return std::isfinite(value); });
    return absl::InvalidArgumentError(
        absl::StrCat("value ", odd - tensor.begin(), " of the tensor is NaN or infinite"));
  }
  return tensor;
}

}  // namespace lingula
