// What the server counts; docs/metrics.md describes each metric and a test compares the two.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "absl/strings/string_view.h"
#include "model/base/mutex.h"
#include "model/device/device_board.h"
#include "server/metrics/audit_metrics.h"
#include "server/metrics/model_metrics.h"
#include "server/metrics/security_metrics.h"
#include "server/metrics/span_metrics.h"

namespace lingula {

// States of lingula_model_state.
inline constexpr std::array<const char*, 4> kModelStates = {"loading", "serving", "draining",
                                                            "failed"};

// What identifies a model in metrics: bounded by what is loaded.
struct ModelLabels {
  std::string id;  // "name@version": the label `model`
  std::string name, version, family, weights_sha256;
};

// What became of a frame of a stream.
enum class FrameOutcome { kAnswered, kSuperseded, kTooOld, kBadFrame, kRefused, kFailed };
inline constexpr int kFrameOutcomes = 6;

// The metrics of streams. Thread-safe; lives as long as its Metrics.
struct StreamMetrics {
  // `latency`: from the arrival of the frame to the sending of its answer.
  void Count(FrameOutcome outcome, std::chrono::nanoseconds latency);

  prometheus::Gauge& open;
  std::array<prometheus::Counter*, kFrameOutcomes> frames;  // in the order of FrameOutcome
  prometheus::Histogram& frame_seconds;                     // of answered frames
};

// All metrics of a server. Thread-safe.
class Metrics {
 public:
  // `devices` outlives this; null: everything runs on the processor.
  explicit Metrics(const DeviceBoard* devices = nullptr);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // `model` appears with its labels; the result lives as long as this. A model that comes back, or
  // is loaded anew, goes on with the figures of its id.
  ModelMetrics& AddModel(const ModelLabels& model) ABSL_LOCKS_EXCLUDED(mu_);
  // One AddModel less: after the last, lingula_model_info does not list it any more. Its counts
  // stay.
  void RemoveModel(const ModelLabels& model) ABSL_LOCKS_EXCLUDED(mu_);
  // Seconds that instance `number` of the engine of `model` has run.
  prometheus::Counter& BusySeconds(const std::string& model, int number);
  // One answered call. `model` is the id of a loaded model or empty, never a caller's own text;
  // `code` as in absl::StatusCodeToString.
  void CountRequest(absl::string_view method, absl::string_view model, absl::string_view code);

  StreamMetrics& streams() { return streams_; }
  SecurityMetrics& security() { return security_; }
  AuditMetrics& audit() { return audit_; }
  SpanMetrics& spans() { return spans_; }
  // One load of a bundle, begun and ended; `model` is a folder of the repository as "name@version".
  void CountLoad(const std::string& model, absl::string_view code, double seconds);
  // The golden samples of a bundle were run.
  void CountGoldenRun(const std::string& model, bool passed);
  void CountUnload(const std::string& model);
  // The one state that holds of all of kModelStates; empty: the server knows the model no more.
  void SetModelState(const std::string& model, absl::string_view state);

  // What a shadow made of one picture: "compared", "dropped", "failed" or "unsuitable"; and the
  // Dice of a comparison.
  void CountShadow(const std::string& candidate, absl::string_view outcome);
  void ObserveShadowDice(const std::string& candidate, double dice);

  // What a scrape returns.
  std::string Text() const;

 private:
  friend class Exposer;

  const std::shared_ptr<prometheus::Registry> registry_;  // the exposer wants a weak_ptr of it
  const std::shared_ptr<prometheus::Collectable> process_, devices_;
  prometheus::Family<prometheus::Counter>& requests_;
  ModelFamilies model_families_;
  prometheus::Family<prometheus::Gauge>& model_info_;
  StreamMetrics streams_;
  SecurityMetrics security_;
  AuditMetrics audit_;
  SpanMetrics spans_;
  prometheus::Family<prometheus::Gauge>& model_state_;
  prometheus::Family<prometheus::Counter>& model_loads_;
  prometheus::Family<prometheus::Counter>& golden_runs_;
  prometheus::Family<prometheus::Counter>& model_unloads_;
  prometheus::Histogram& load_seconds_;
  prometheus::Family<prometheus::Counter>& shadow_images_;
  prometheus::Family<prometheus::Histogram>& shadow_dice_;
  prometheus::Family<prometheus::Counter>& busy_seconds_;
  Mutex mu_;
  std::map<std::string, std::unique_ptr<ModelMetrics>> models_ ABSL_GUARDED_BY(mu_);  // by id
  std::map<prometheus::Labels, int> loaded_ ABSL_GUARDED_BY(mu_);  // how often, by info labels
};

}  // namespace lingula
