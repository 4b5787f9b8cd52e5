#include "client/dicom_node/spool_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace lingula::node {

absl::Status SpoolFailed(absl::string_view what) {
  return absl::InternalError(absl::StrCat("spool: cannot ", what, ": ", std::strerror(errno)));
}
absl::Status SpoolFailed(absl::string_view what, const std::error_code& error) {
  return absl::InternalError(absl::StrCat("spool: cannot ", what, ": ", error.message()));
}

// Puts what was written to a file or folder onto the disk.
absl::Status SyncPath(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return SpoolFailed("open a file");
  }
  const bool synced = fsync(file) == 0;
  const int error = errno;
  close(file);
  errno = error;
  return synced ? absl::OkStatus() : SpoolFailed("fsync");
}

// The number that a file's name begins with, 0 if it is none of ours.
uint64_t NumberOf(const std::string& name) {
  uint64_t number = 0;
  return absl::SimpleAtoi(name.substr(0, name.find('.')), &number) ? number : 0;
}

std::string SpoolName(uint64_t number) {
  return absl::StrFormat("%016d", number);
}

int64_t BytesOf(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<int64_t>(size);
}

std::chrono::nanoseconds AgeOf(const std::filesystem::path& path) {
  using Time = std::filesystem::file_time_type;
  std::error_code error;
  const Time written = std::filesystem::last_write_time(path, error);
  constexpr std::chrono::nanoseconds kNone(0);
  return error ? kNone : std::max<std::chrono::nanoseconds>(kNone, Time::clock::now() - written);
}

}  // namespace lingula::node
