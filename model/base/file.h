// Whole files in, whole files out.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula {

// More is never read at once: a file can claim any size and hold nothing.
inline constexpr int64_t kMaxFileBytes = int64_t{4} << 30;

// The content of a file. NOT_FOUND, PERMISSION_DENIED or INTERNAL with the path and the reason;
// INVALID_ARGUMENT for something that is not a plain file or has more than `max_bytes`.
absl::StatusOr<std::string> ReadFile(const std::string& path, int64_t max_bytes = kMaxFileBytes);

// Writes beside the target and renames, so that a reader never sees half a file.
absl::Status WriteFile(const std::string& path, absl::string_view content);

}  // namespace lingula
