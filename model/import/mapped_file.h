// A file's bytes without reading it: pages come from the disk when they are looked at.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula {

// Whoever replaces the file must rename over it: truncating a mapped file ends the process.
class MappedFile {
 public:
  // NOT_FOUND, PERMISSION_DENIED or another code of the system; INVALID_ARGUMENT for something that
  // is not a plain file.
  static absl::StatusOr<std::unique_ptr<MappedFile>> Open(const std::string& path);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  absl::string_view bytes() const { return bytes_; }

 private:
  explicit MappedFile(absl::string_view bytes) : bytes_(bytes) {}
  absl::string_view bytes_;
};

}  // namespace lingula
