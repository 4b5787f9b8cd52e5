// The models that a server has loaded.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lingula/bundle/v1/manifest.pb.h"
#include "lingula/v1/image.pb.h"
#include "model/base/clock.h"
#include "model/base/mutex.h"
#include "model/bundle/bundle.h"
#include "model/calibration/calibration.h"
#include "model/engine/engine.h"
#include "model/image/preprocess.h"
#include "server/batching/batch_queue.h"
#include "server/batching/batch_worker.h"
#include "server/metrics/metrics.h"
#include "server/service/model_retirement.h"
#include "server/service/model_routes.h"
#include "server/service/typical_time.h"

namespace lingula {

// What main() hands over for each model: what the bundle says, and the network built from it.
struct ModelSource {
  bundle::v1::Manifest manifest;
  std::string weights_sha256;
  std::string card;  // Markdown
  uint64_t parameters = 0;
  std::optional<Calibration> calibration;  // none: the bundle has none
  std::unique_ptr<Engine> engine;
  int instances = 1;                    // batches that `engine` runs side by side
  std::vector<std::vector<int>> cores;  // by instance: where it stays; shorter or empty: anywhere
  std::vector<BatchCost> costs;         // as measured; none: learned from the first batches
  std::optional<Sample> warm_up;        // BatchWorker::Instance::warm_up of each instance
  std::chrono::microseconds load_time{0};
};

// Keeps nothing of `bundle`, whose mapped files may go.
// Errors   those of Calibration::Load.
absl::StatusOr<ModelSource> SourceFrom(const Bundle& bundle, std::unique_ptr<Engine> engine);

// A model with its queue and batch thread. Thread-safe.
class LoadedModel {
 public:
  // Borrows `clock` and `metrics`.
  LoadedModel(ModelSource source, const BatchQueue::Options& batching, const Clock& clock,
              Metrics& metrics);
  ~LoadedModel();

  const std::string& id() const { return id_; }  // "name@version"
  const bundle::v1::Manifest& manifest() const { return source_.manifest; }
  const ModelSource& source() const { return source_; }
  const Engine& engine() const { return *source_.engine; }
  // Null when the bundle has none.
  const Calibration* calibration() const {
    return source_.calibration.has_value() ? &*source_.calibration : nullptr;
  }
  const InputSpec& input() const { return input_; }
  v1::Modality modality() const;
  // "sgseg"
  absl::string_view family() const;
  ModelMetrics& metrics() { return metrics_; }
  const BatchQueue& queue() const { return queue_; }
  // As BatchQueue has them, and counted. Admit answers what gave way, on the caller's thread.
  Admission Admit(const Flow& flow, Instant deadline);
  absl::Status Push(Ticket ticket, Task& task);
  // When a caller whose accepted work had to give way should come back: the time to work it off.
  std::chrono::microseconds TimeToWorkOff() const;
  // What comes before and after the network, as a rule: from the arrival of a request to Push, and
  // from the end of its forward pass to the answer.
  TypicalTime& before_network() { return before_network_; }
  TypicalTime& after_network() { return after_network_; }
  // When a forward pass must end so that the answer is in time by `deadline`.
  Instant DeadlineOfNetwork(Instant deadline, Instant now) const;

 private:
  void RecordBatch(const Batch& batch);
  // Out of the queue, to whatever end.
  void RecordDelay(const Task& task);
  ModelLabels Labels() const;

  const ModelSource source_;
  const std::string id_;
  const InputSpec input_;
  const Clock& clock_;
  Metrics& all_metrics_;
  ModelMetrics& metrics_;
  TypicalTime before_network_, after_network_;
  BatchQueue queue_;
  // One an instance; last: their threads use everything above.
  std::vector<std::unique_ptr<BatchWorker>> workers_;
};

// What a listener of ModelTable hears.
enum class ModelEvent {
  kChanged,  // other models, or names lead elsewhere
  kGone,     // a model that was taken out is destroyed, and its memory free
};

// All loaded models. They come and go while requests are served: a request looks its model up once
// and holds the handle until it is answered, so a version that is replaced or taken out finishes
// what it began with, and then ends on the thread of ModelRetirement.
// Threads  Thread-safe. The destructor waits for all handles.
class ModelTable {
 public:
  // Empty; borrows `clock` and `metrics`.
  ModelTable(const BatchQueue::Options& batching, const Clock& clock, Metrics& metrics);
  ~ModelTable();

  // `sources` in the order of the configuration: the first of a modality is its default.
  // Errors   INVALID_ARGUMENT no model, the same one twice, or an engine that contradicts its
  // manifest.
  static absl::StatusOr<std::unique_ptr<ModelTable>> Create(std::vector<ModelSource> sources,
                                                            const BatchQueue::Options& batching,
                                                            const Clock& clock, Metrics& metrics);

  // Errors   those of ModelRoutes::Find.
  absl::StatusOr<ModelHandle> Find(absl::string_view model, v1::Modality modality) const {
    return routes()->Find(model, modality);
  }
  // By name and then version number.
  std::vector<ModelHandle> models() const { return routes()->models(); }
  bool IsDefault(const LoadedModel& model) const { return routes()->IsDefault(model); }
  // What holds now; costs a lock for the time of a pointer's copy.
  std::shared_ptr<const ModelRoutes> routes() const ABSL_LOCKS_EXCLUDED(mu_);

  // A model with its batch thread, reached by nobody yet. INVALID_ARGUMENT when the engine
  // contradicts its manifest.
  absl::StatusOr<ModelHandle> Adopt(ModelSource source);
  // Makes one change, whole or not at all: when `change` fails all stays as it is. One at a time;
  // readers never wait for it.
  absl::Status Change(const std::function<absl::Status(ModelRoutes&)>& change)
      ABSL_LOCKS_EXCLUDED(changing_, mu_);
  // Out of the table, and still finishing calls.
  std::vector<ModelHandle> draining() const ABSL_LOCKS_EXCLUDED(mu_);
  // `listener` hears kChanged at once, and from then on of every change after it holds, and of
  // every model that is gone: one call at a time, on this thread, the one that made the change or
  // that of ModelRetirement. Null: nobody listens any more, and no call runs once this returns.
  void Listen(std::function<void(ModelEvent)> listener) ABSL_LOCKS_EXCLUDED(listener_mu_);

 private:
  void Tell(ModelEvent event) ABSL_LOCKS_EXCLUDED(listener_mu_);

  const BatchQueue::Options batching_;
  const Clock& clock_;
  Metrics& metrics_;
  Mutex changing_;     // held while a change is made; before mu_
  Mutex listener_mu_;  // held while the listener runs, so that it can be taken away
  std::function<void(ModelEvent)> listener_ ABSL_GUARDED_BY(listener_mu_);
  mutable Mutex mu_;
  // Taken out; watched only, because a handle here would keep them.
  std::vector<std::weak_ptr<LoadedModel>> leaving_ ABSL_GUARDED_BY(mu_);
  ModelRetirement retirement_;  // before routes_: it waits for the last handle
  // Shared with whoever reads it while the next one is put in place.
  std::shared_ptr<const ModelRoutes> routes_ ABSL_GUARDED_BY(mu_);
};

}  // namespace lingula
