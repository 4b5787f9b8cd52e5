// Durations as people write them.
#pragma once

#include <chrono>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula::bench {

// "90s", "10m", "1h" or a number of seconds, at least one second. INVALID_ARGUMENT.
absl::StatusOr<std::chrono::seconds> ParseDuration(absl::string_view text);

}  // namespace lingula::bench
