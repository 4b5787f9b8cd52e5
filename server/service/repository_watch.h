// Which versions in the model repository came and went.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/service/model_routes.h"

namespace lingula {

// A version in the repository as it looks now.
struct FoundVersion {
  std::string name, version;
  std::string looks;  // names, sizes and times of its files: changes while they are copied
};

// One thing to do: first load, then, if that went well, unload. Either version may be empty.
struct WatchStep {
  std::string name, load, unload;
  bool force = false;  // unload although aliases or defaults lead to it: its files are gone
};

// Decides; reads and loads nothing. A new version is loaded once it looks the same twice, and then
// not again before it changes: a bundle that is copied for longer is refused once for each pause,
// and good in the end. It takes over from the version that serves, which goes unless an alias or a
// default wants it. Versions lower than the one that serves are left alone, and so are those that
// somebody took out. What is not there twice is taken out, after a lower version took its place if
// there is one. An empty repository is taken for one that cannot be reached.
// Threads  One.
class RepositoryWatch {
 public:
  // Follows these names; none: all.
  explicit RepositoryWatch(std::set<std::string> names) : names_(std::move(names)) {}

  // What to do after one more look. `found` by name and version number.
  std::vector<WatchStep> Next(const std::vector<FoundVersion>& found, const ModelRoutes& routes);

 private:
  void FindNew(const std::vector<FoundVersion>& found, const ModelRoutes& routes,
               std::vector<WatchStep>& steps);
  void FindGone(const std::vector<FoundVersion>& found, const ModelRoutes& routes,
                std::vector<WatchStep>& steps);

  const std::set<std::string> names_;
  std::map<std::string, std::string> looks_;  // id to its looks at the last look
  std::map<std::string, std::string> tried_;  // id to its looks when it was loaded or refused
  std::set<std::string> missing_;             // ids that were not there at the last look
};

// What is in `repository` now, by name and version number. NOT_FOUND when it cannot be read.
absl::StatusOr<std::vector<FoundVersion>> LookAt(const std::string& repository);

}  // namespace lingula
