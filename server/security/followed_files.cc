#include "server/security/followed_files.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "model/bundle/bundle.h"

namespace lingula {
namespace {

// Far more than a thousand callers, or any chain of certificates.
constexpr int64_t kMostBytes = 4 << 20;

}  // namespace

FollowedFiles::FollowedFiles(std::vector<std::string> paths, Take take, Report report)
    : paths_(std::move(paths)), take_(std::move(take)), report_(std::move(report)) {}

absl::Status FollowedFiles::Look() {
  std::vector<std::string> contents;
  std::string seen;
  absl::Status status;
  for (const std::string& path : paths_) {
    absl::StatusOr<std::string> content = ReadFile(path, kMostBytes);
    status.Update(content.status());
    absl::StrAppend(&seen, Sha256Hex(content.ok() ? *content : content.status().ToString()));
    contents.push_back(content.ok() ? *std::move(content) : "");
  }
  if (seen == seen_) {
    return absl::OkStatus();
  }
  seen_ = std::move(seen);
  if (status.ok()) {
    status = take_(std::move(contents));
  }
  report_(status);
  return status;
}

}  // namespace lingula
