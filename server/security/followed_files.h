// Files that are read again when they change.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace lingula {

// Files that belong together. What they hold counts, not their dates: Kubernetes replaces links,
// and clocks of file systems are coarse. Not thread-safe.
class FollowedFiles {
 public:
  // Takes the contents, in the order of the paths, or says why not and leaves all as it was.
  using Take = std::function<absl::Status(std::vector<std::string> contents)>;
  // Hears of each new content whether it was taken; one that was refused is not tried twice.
  using Report = std::function<void(const absl::Status& status)>;

  FollowedFiles(std::vector<std::string> paths, Take take, Report report);

  // OK when nothing has changed.
  absl::Status Look();

 private:
  const std::vector<std::string> paths_;
  const Take take_;
  const Report report_;
  std::string seen_;  // a hash of what was tried last
};

}  // namespace lingula
