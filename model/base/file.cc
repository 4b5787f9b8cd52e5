#include "model/base/file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace lingula {
namespace {

absl::Status ErrnoStatus(absl::string_view what, const std::string& path, int error) {
  const char* reason = error == 0 ? "it ends early" : std::strerror(error);
  const std::string message = absl::StrCat(path, ": cannot ", what, ": ", reason);
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(message);
    case EACCES:
      return absl::PermissionDeniedError(message);
    default:
      return absl::InternalError(message);
  }
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, int64_t max_bytes) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is not a plain file"));
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) {
    return ErrnoStatus("read", path, errno);
  }
  const int64_t size = in.tellg();
  if (size < 0) {
    return ErrnoStatus("read", path, errno);
  }
  if (size > max_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": has ", size, " bytes; at most ", max_bytes, " are read"));
  }
  std::string content(static_cast<size_t>(size), '\0');
  in.seekg(0);
  if (!in.read(content.data(), static_cast<std::streamsize>(content.size()))) {
    return ErrnoStatus("read", path, errno);
  }
  return content;
}

absl::Status WriteFile(const std::string& path, absl::string_view content) {
  const std::string partial = absl::StrCat(path, ".partial");
  errno = 0;
  std::ofstream out(partial, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) {
    return ErrnoStatus("write", path, errno);
  }
  std::error_code error;
  std::filesystem::rename(partial, path, error);
  if (error) {
    return ErrnoStatus("write", path, error.value());
  }
  return absl::OkStatus();
}

}  // namespace lingula
