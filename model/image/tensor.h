// Network input that a caller prepared.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/image/preprocess.h"

namespace lingula {

// Network input from its bytes: little-endian float32, [channels, side, side] in the axis order of
// `spec`.
// Errors   INVALID_ARGUMENT another length; a value that is NaN or infinite, by its index.
absl::StatusOr<std::vector<float>> TakeTensor(absl::string_view bytes, const InputSpec& spec);

}  // namespace lingula
