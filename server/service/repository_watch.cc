#include "server/service/repository_watch.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "server/service/model_table.h"

namespace lingula {
namespace {

namespace fs = std::filesystem;

int64_t Number(const std::string& version) {
  int64_t number = 0;
  return absl::SimpleAtoi(version, &number) ? number : 0;
}

std::string LooksOf(const fs::path& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;  // a file that vanishes changes the looks anyway
    const auto size = entry->file_size(gone);
    const auto time = entry->last_write_time(gone).time_since_epoch().count();
    files.push_back(absl::StrCat(entry->path().filename().string(), " ", size, " ", time, "\n"));
  }
  std::sort(files.begin(), files.end());
  std::string looks;
  for (const std::string& file : files) {
    looks += file;
  }
  return looks;
}

}  // namespace

absl::StatusOr<std::vector<FoundVersion>> LookAt(const std::string& repository) {
  LINGULA_ASSIGN_OR_RETURN(const std::vector<std::string> folders, FindBundles(repository));
  std::vector<FoundVersion> found;
  for (const std::string& folder : folders) {
    const fs::path path(folder);
    found.push_back(
        {path.parent_path().filename().string(), path.filename().string(), LooksOf(path)});
  }
  return found;
}

std::vector<WatchStep> RepositoryWatch::Next(const std::vector<FoundVersion>& all,
                                             const ModelRoutes& routes) {
  std::vector<FoundVersion> found;
  for (const FoundVersion& one : all) {
    if (names_.empty() || names_.count(one.name) > 0) {
      found.push_back(one);
    }
  }
  std::vector<WatchStep> steps;
  if (found.empty()) {
    return steps;
  }
  FindGone(found, routes, steps);
  FindNew(found, routes, steps);
  looks_.clear();
  for (const FoundVersion& one : found) {
    looks_[ModelId(one.name, one.version)] = one.looks;
  }
  return steps;
}

void RepositoryWatch::FindNew(const std::vector<FoundVersion>& found, const ModelRoutes& routes,
                              std::vector<WatchStep>& steps) {
  for (auto one = found.rbegin(); one != found.rend(); ++one) {  // the highest first
    const std::string id = ModelId(one->name, one->version);
    if (routes.FindId(id) != nullptr) {
      tried_[id] = one->looks;  // if somebody takes it out, it stays out
      continue;
    }
    const std::string serving = routes.ServingVersion(one->name);
    const bool higher = Number(one->version) > Number(serving);
    const auto last = looks_.find(id);
    const bool settled = last != looks_.end() && last->second == one->looks;
    const auto tried = tried_.find(id);
    const bool untried = tried == tried_.end() || tried->second != one->looks;
    const bool waits = std::any_of(steps.begin(), steps.end(), [one](const WatchStep& step) {
      return step.name == one->name;  // one step a name and look
    });
    if (higher && settled && untried && !waits) {
      tried_[id] = one->looks;
      steps.push_back({one->name, one->version, serving});
    }
  }
}

void RepositoryWatch::FindGone(const std::vector<FoundVersion>& found, const ModelRoutes& routes,
                               std::vector<WatchStep>& steps) {
  std::set<std::string> missing;
  for (const ModelHandle& model : routes.models()) {
    const std::string& name = model->manifest().name();
    const bool there = std::any_of(found.begin(), found.end(), [&](const FoundVersion& one) {
      return ModelId(one.name, one.version) == model->id();
    });
    const bool watched = names_.empty() || names_.count(name) > 0;
    if (there || !watched) {
      continue;
    }
    missing.insert(model->id());
    if (missing_.count(model->id()) == 0) {
      continue;
    }
    WatchStep step{name, "", model->manifest().version(), /*force=*/true};
    const auto& models = routes.models();
    const bool alone = std::none_of(models.begin(), models.end(), [&](const ModelHandle& other) {
      return other != model && other->manifest().name() == name && !routes.IsHeldBack(*other);
    });
    for (const FoundVersion& one : found) {
      if (alone && one.name == name) {
        step.load = one.version;  // the last is the highest
      }
    }
    steps.push_back(std::move(step));
  }
  missing_ = std::move(missing);
}

}  // namespace lingula
