// Whole files in, whole files out.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula {

// The content of a file. NOT_FOUND, PERMISSION_DENIED or INTERNAL with the path and the reason;
// INVALID_ARGUMENT for something that is not a plain file.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Writes beside the target and renames, so that a reader never sees half a file.
absl::Status WriteFile(const std::string& path, absl::string_view content);

}  // namespace lingula
