// The models that a server has loaded.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lingula/bundle/v1/manifest.pb.h"
#include "lingula/v1/image.pb.h"
#include "model/base/clock.h"
#include "model/bundle/bundle.h"
#include "model/calibration/calibration.h"
#include "model/engine/engine.h"
#include "model/image/preprocess.h"
#include "server/batching/batch_queue.h"
#include "server/batching/batch_worker.h"
#include "server/metrics/metrics.h"
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
  std::vector<std::unique_ptr<Engine>> more_engines;  // further instances of the same network
  std::vector<std::vector<int>> cores;  // by instance: where it stays; shorter or empty: anywhere
  std::vector<BatchCost> costs;         // as measured; none: learned from the first batches
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
  BatchQueue& queue() { return queue_; }
  // When a caller whose accepted work had to give way should come back: the time to work it off.
  std::chrono::microseconds TimeToWorkOff() const;
  // What comes before and after the network, as a rule: from the arrival of a request to Push, and
  // from the end of its forward pass to the answer.
  TypicalTime& before_network() { return before_network_; }
  TypicalTime& after_network() { return after_network_; }

 private:
  void RecordBatch(const Batch& batch);

  const ModelSource source_;
  const std::string id_;
  const InputSpec input_;
  ModelMetrics& metrics_;
  TypicalTime before_network_, after_network_;
  BatchQueue queue_;
  // One an instance; last: their threads use everything above.
  std::vector<std::unique_ptr<BatchWorker>> workers_;
};

// All loaded models. Fixed after Create; thread-safe.
class ModelTable {
 public:
  // `sources` in the order of the configuration: the first of a modality is its default.
  // Errors   INVALID_ARGUMENT no model, the same one twice, or an engine that contradicts its
  // manifest.
  static absl::StatusOr<std::unique_ptr<ModelTable>> Create(std::vector<ModelSource> sources,
                                                            const BatchQueue::Options& batching,
                                                            const Clock& clock, Metrics& metrics);

  // "name" (highest version), "name@version", or "": the default of `modality`, which is the first
  // model when that is unspecified too.
  // Errors   NOT_FOUND with the ids of what is there.
  absl::StatusOr<LoadedModel*> Find(absl::string_view model, v1::Modality modality) const;

  // By name and then version number.
  const std::vector<std::unique_ptr<LoadedModel>>& models() const { return models_; }
  bool IsDefault(const LoadedModel& model) const;

 private:
  LoadedModel* DefaultOf(v1::Modality modality) const;

  std::vector<std::unique_ptr<LoadedModel>> models_;
  std::vector<LoadedModel*> configured_;  // the same models in the order of the configuration
};

}  // namespace lingula
