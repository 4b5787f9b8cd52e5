// A repository of bundles without networks, and the supply that "loads" them.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/base/mutex.h"
#include "model/bundle/bundle.h"
#include "server/service/model_lifecycle.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/server/service/fake_models.h"

namespace lingula::test {

// Thread-safe. Folders of bundles hold a manifest and nothing else; what loading them gives is
// told here.
class FakeRepository {
 public:
  std::string folder() const { return folder_.path(); }
  void Put(const std::string& name, const std::string& version, const std::string& text = "a") {
    const std::string folder = folder_.Sub(absl::StrCat(name, "/", version));
    std::ofstream(absl::StrCat(folder, "/", kManifestFile)) << text;
  }
  void Take(const std::string& name, const std::string& version) {
    std::filesystem::remove_all(absl::StrCat(folder_.path(), "/", name, "/", version));
  }
  // From now on loading `id` fails with `status`, or not when it is OK.
  void Break(const std::string& id, absl::Status status) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    broken_[id] = std::move(status);
  }
  // Loads wait inside until Release().
  void Hold() ABSL_LOCKS_EXCLUDED(mu_) { SetHeld(true); }
  void Release() ABSL_LOCKS_EXCLUDED(mu_) { SetHeld(false); }
  void WaitForLoads(int loads) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (loads_ < loads) {
      changed_.Wait(mu_);
    }
  }
  int loads() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return loads_;
  }
  // The engine that the last load of `id` gave. Lives as long as its model.
  FakeEngine* engine(const std::string& id) const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    const auto found = engines_.find(id);
    return found == engines_.end() ? nullptr : found->second;
  }

  ModelSupply supply() {
    ModelSupply supply;
    supply.load = [this](const std::string& folder) { return Load(folder); };
    return supply;
  }

 private:
  void SetHeld(bool held) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    held_ = held;
    changed_.NotifyAll();
  }
  absl::StatusOr<ModelSource> Load(const std::string& folder) ABSL_LOCKS_EXCLUDED(mu_) {
    const std::filesystem::path path(folder);
    const std::string name = path.parent_path().filename().string();
    const std::string version = path.filename().string();
    const std::string id = ModelId(name, version);
    MutexLock lock(mu_);
    ++loads_;
    changed_.NotifyAll();
    while (held_) {
      changed_.Wait(mu_);
    }
    if (const auto broken = broken_.find(id); broken != broken_.end() && !broken->second.ok()) {
      absl::Status told(broken->second.code(), absl::StrCat(folder, "/", broken->second.message()));
      broken->second.ForEachPayload([&told](absl::string_view type, const absl::Cord& payload) {
        told.SetPayload(type, payload);
      });
      return told;
    }
    return FakeSource(name, version, &engines_[id]);
  }

  const TempFolder folder_;
  mutable Mutex mu_;
  CondVar changed_;
  bool held_ ABSL_GUARDED_BY(mu_) = false;
  int loads_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<std::string, absl::Status> broken_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, FakeEngine*> engines_ ABSL_GUARDED_BY(mu_);
};

}  // namespace lingula::test
