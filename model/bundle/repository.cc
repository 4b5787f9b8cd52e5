#include <algorithm>
#include <filesystem>
#include <system_error>
#include <tuple>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"

namespace lingula {
namespace {

namespace fs = std::filesystem;

struct Found {
  std::string name;
  int version = 0;
  std::string folder;

  bool operator<(const Found& other) const {
    return std::tie(name, version) < std::tie(other.name, other.version);
  }
};

// 0 unless `text` is a positive whole number without leading zeros.
int VersionNumber(const std::string& text) {
  int number = 0;
  const bool good = absl::SimpleAtoi(text, &number) && number > 0 && absl::StrCat(number) == text;
  return good ? number : 0;
}

std::vector<fs::path> Folders(const fs::path& parent, std::error_code& error) {
  std::vector<fs::path> folders;
  for (fs::directory_iterator entry(parent, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;  // an entry that vanished or cannot be read is no folder
    if (entry->is_directory(ignored) && entry->path().filename().string().front() != '.') {
      folders.push_back(entry->path());
    }
  }
  return folders;
}

absl::StatusOr<std::vector<Found>> Scan(const std::string& repository) {
  std::error_code error;
  std::vector<Found> found;
  const std::vector<fs::path> names = Folders(repository, error);
  if (error) {
    return absl::NotFoundError(
        absl::StrCat(repository, ": cannot read the model repository: ", error.message()));
  }
  for (const fs::path& name : names) {
    for (const fs::path& version : Folders(name, error)) {
      const int number = VersionNumber(version.filename().string());
      std::error_code ignored;
      if (number > 0 && fs::exists(version / kManifestFile, ignored)) {
        found.push_back({name.filename().string(), number, version.string()});
      }
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> FindBundles(const std::string& repository) {
  LINGULA_ASSIGN_OR_RETURN(const std::vector<Found> found, Scan(repository));
  std::vector<std::string> folders;
  for (const Found& bundle : found) {
    folders.push_back(bundle.folder);
  }
  return folders;
}

absl::StatusOr<std::string> FindBundle(const std::string& repository, const std::string& name,
                                       const std::string& version) {
  LINGULA_ASSIGN_OR_RETURN(const std::vector<Found> found, Scan(repository));
  std::string folder;  // the last that fits is the highest
  for (const Found& bundle : found) {
    if (bundle.name == name && (version.empty() || absl::StrCat(bundle.version) == version)) {
      folder = bundle.folder;
    }
  }
  if (!folder.empty()) {
    return folder;
  }
  const std::string there = absl::StrJoin(found, ", ", [](std::string* out, const Found& bundle) {
    absl::StrAppend(out, bundle.name, "@", bundle.version);
  });
  return absl::NotFoundError(absl::StrCat(repository, ": no model ", name,
                                          version.empty() ? "" : absl::StrCat("@", version),
                                          "; there is ", there.empty() ? "none" : there));
}

}  // namespace lingula
