#include "model/train/run_folder.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"

namespace lingula {

absl::Status PrepareRunFolder(const std::string& folder, bool resume) {
  const std::string last = absl::StrCat(folder, "/", kLastFile);
  const bool there = std::filesystem::exists(last);
  if (resume && !there) {
    return absl::NotFoundError(
        absl::StrCat(last, ": is not there: nothing to resume; begin without --resume"));
  }
  if (!resume && there) {
    return absl::AlreadyExistsError(absl::StrCat(
        last, ": is there from an earlier run: go on with --resume, or use another folder"));
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return absl::PermissionDeniedError(absl::StrCat(folder, ": cannot be made: ", error.message()));
  }
  const std::string probe = absl::StrCat(folder, "/.writable");
  LINGULA_RETURN_IF_ERROR(WriteFile(probe, "1"));
  std::filesystem::remove(probe, error);
  return absl::OkStatus();
}

}  // namespace lingula
