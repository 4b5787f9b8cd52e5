// Loading, replacing and taking out models while the server serves.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/base/clock.h"
#include "model/base/mutex.h"
#include "model/device/device_board.h"
#include "server/metrics/metrics.h"
#include "server/service/model_table.h"
#include "server/service/repository_watch.h"

namespace lingula {

// A bundle that is not served, and why.
struct RefusedModel {
  std::string folder;
  absl::Status reason;
};

// What main() gives, so that this code needs no networks.
struct ModelSupply {
  // From the folder of a bundle to a model that is checked and warm; takes seconds. Null: nothing
  // can be loaded.
  std::function<absl::StatusOr<ModelSource>(const std::string& folder)> load;
  // Called after a model is destroyed; may be null.
  std::function<void()> release_memory;
  const DeviceBoard* devices = nullptr;  // for metrics; null: all runs on the processor
  std::vector<RefusedModel> refused;     // before the server began
};

// One thread loads, one version after the other; what only points names elsewhere is done at once
// by the thread that asks (ModelTable::Change). A load that fails changes nothing but the list of
// failures.
// Errors   Those of the calls in admin.proto. Messages name files and tensors of a bundle, but
// never
//          the path of the repository.
// Threads  Thread-safe. `done` is called exactly once and must not wait: on the thread of this, or
//          before the call returns when the request is refused at once.
class ModelLifecycle {
 public:
  using Done = std::function<void(absl::StatusOr<ModelHandle>)>;

  struct Options {
    std::string repository;
    std::chrono::milliseconds poll{0};  // between looks at the repository; 0: never
    std::set<std::string> names;        // that are followed there; none: all
  };

  // Borrows the last three.
  ModelLifecycle(Options options, ModelSupply supply, ModelTable& models, const Clock& clock,
                 Metrics& metrics);
  ~ModelLifecycle();
  ModelLifecycle(const ModelLifecycle&) = delete;
  ModelLifecycle& operator=(const ModelLifecycle&) = delete;

  // An empty version: the highest in the repository.
  void Load(const std::string& name, const std::string& version, bool hold_back, Done done);
  // An empty version: the one that serves.
  void Reload(const std::string& name, const std::string& version, Done done);
  // Hands `done` the model that `name` leads to afterwards.
  void Rollback(const std::string& name, Done done);
  absl::Status Unload(const std::string& name, const std::string& version, bool force);

  // Looks at the repository now, and does what RepositoryWatch says. `done` hears whether it could
  // be read, and no model.
  void Look(Done done);

  // Refuses what comes and what waits (UNAVAILABLE); returns when a load that runs is done.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using Step = std::function<absl::StatusOr<ModelHandle>()>;
  struct Work {
    Step step;
    Done done;
  };

  void Enqueue(Step step, Done done) ABSL_LOCKS_EXCLUDED(mu_);
  void Loop() ABSL_LOCKS_EXCLUDED(mu_);
  // Waits for it; nothing: the end.
  std::optional<Work> NextWork() ABSL_LOCKS_EXCLUDED(mu_);
  // The rest runs on the thread of this.
  absl::StatusOr<ModelHandle> LoadNow(const std::string& name, const std::string& version,
                                      bool hold_back);
  absl::StatusOr<ModelHandle> ReloadNow(const std::string& name, std::string version);
  absl::StatusOr<ModelHandle> RollbackNow(const std::string& name);
  absl::StatusOr<ModelHandle> LookNow();  // no model, but why not
  void Follow(const WatchStep& step);
  absl::StatusOr<std::string> Folder(const std::string& name, const std::string& version) const;
  // Reads a bundle and lets `place` put it into the table.
  using Place = std::function<absl::Status(ModelRoutes&, const ModelHandle&)>;
  absl::StatusOr<ModelHandle> Bring(const std::string& folder, const Place& place);
  absl::StatusOr<ModelHandle> Open(const std::string& folder);
  // For what was loaded before the server began.
  void RecordStart();
  // Of a load that came as far as the golden samples.
  void CountGoldenRun(const std::string& id, const absl::Status& load);

  const Options options_;
  const ModelSupply supply_;
  ModelTable& models_;
  const Clock& clock_;
  Metrics& metrics_;
  // Of the thread:
  RepositoryWatch watch_;
  bool repository_seen_ = true;  // so that it is said once that it cannot be read
  Mutex mu_;
  CondVar changed_;
  std::deque<Work> waiting_ ABSL_GUARDED_BY(mu_);
  Instant next_look_ ABSL_GUARDED_BY(mu_){};
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace lingula
