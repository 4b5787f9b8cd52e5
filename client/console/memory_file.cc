#include "client/console/memory_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"

namespace lingula::console {

absl::StatusOr<MemoryFile> MemoryFile::Create() {
  const int descriptor = memfd_create("video", MFD_CLOEXEC);
  if (descriptor < 0) {
    return absl::ResourceExhaustedError("no memory for a video on this machine");
  }
  return MemoryFile(descriptor);
}

MemoryFile::MemoryFile(MemoryFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

absl::Status MemoryFile::Append(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      return absl::ResourceExhaustedError("no memory left for this video on this machine");
    }
    bytes.remove_prefix(written > 0 ? static_cast<size_t>(written) : 0);
  }
  return absl::OkStatus();
}

std::string MemoryFile::path() const {
  return absl::StrCat("/proc/self/fd/", descriptor_);
}

}  // namespace lingula::console
