// A file without a name, in memory only.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula::console {

// For libraries that read files by their path. Gone with this object. Threads  One.
class MemoryFile {
 public:
  // RESOURCE_EXHAUSTED when the system has none to give.
  static absl::StatusOr<MemoryFile> Create();
  MemoryFile(MemoryFile&& other) noexcept;
  MemoryFile& operator=(MemoryFile&&) = delete;
  ~MemoryFile();

  // RESOURCE_EXHAUSTED when memory is short.
  absl::Status Append(absl::string_view bytes);
  // Opens it anew, from its start, in this process.
  std::string path() const;

 private:
  explicit MemoryFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;  // -1: moved away
};

}  // namespace lingula::console
