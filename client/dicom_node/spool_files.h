// What Spool does to files.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lingula::node {

// INTERNAL: what could not be done, and errno's or the error's reason. No path.
absl::Status SpoolFailed(absl::string_view what);
absl::Status SpoolFailed(absl::string_view what, const std::error_code& error);

// fsync of a file or folder.
absl::Status SyncPath(const std::string& path);

// Numbers as names, and back: 0 for a file that is none of the spool's.
std::string SpoolName(uint64_t number);
uint64_t NumberOf(const std::string& name);

// Both 0 when it is not there.
int64_t BytesOf(const std::filesystem::path& path);
// Since it was written; 0 for a time to come.
std::chrono::nanoseconds AgeOf(const std::filesystem::path& path);

}  // namespace lingula::node
