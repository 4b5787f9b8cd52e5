// A candidate beside the version that answers.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/base/mutex.h"
#include "server/metrics/metrics.h"
#include "server/service/answer_observer.h"
#include "server/service/model_table.h"

namespace lingula {

// What a candidate must show before it may be promoted; ranges as in admin.proto.
struct ShadowGate {
  uint64_t min_images = 500;
  double min_mean_dice = 0.95;
  double dice_floor = 0.8;
  double max_share_below_floor = 0.02;
};

struct ShadowPlan {
  ModelHandle candidate;
  std::string live;  // id: "name@version"; set by Shadow::Start
  double share = 0.1;
  ShadowGate gate;
};

struct ShadowFigures {
  uint64_t images = 0;  // compared
  uint64_t below_floor = 0, errors = 0, dropped = 0, unsuitable = 0;
  double dice = 0, candidate_us = 0, live_us = 0;  // sums over images

  double Mean(double sum) const { return images == 0 ? 0 : sum / static_cast<double>(images); }
};

struct ShadowReport {
  std::string candidate, live;  // ids
  double share = 0;
  ShadowGate gate;
  ShadowFigures figures;
  bool running = false;
};

// Why a candidate may not be promoted, in words with figures; none: it may.
std::vector<std::string> Shortfalls(const ShadowReport& report);

// Dice between two masks of one size, foreground where p >= threshold; 1 when both are empty.
double MaskDice(absl::Span<const float> a, float threshold_a, absl::Span<const float> b,
                float threshold_b);

// Compares on the candidate's batch thread, one picture at a time, and only while neither the
// candidate nor the live version has samples waiting: everything else is dropped and counted. The
// candidate takes the sample as it was prepared for the live version, so both must prepare pictures
// alike. Threads  Thread-safe. Outlives the models' batch threads. Holds the candidate while it
// runs: Stop before the ModelTable is destroyed.
class Shadow final : public AnswerObserver {
 public:
  explicit Shadow(Metrics& metrics) : metrics_(metrics) {}

  // Beside `live`. Errors   FAILED_PRECONDITION one runs already, or the two do not prepare
  // pictures alike; INVALID_ARGUMENT they are the same.
  absl::Status Start(ShadowPlan plan, const LoadedModel& live) ABSL_LOCKS_EXCLUDED(mu_);
  // Errors   NOT_FOUND there was none.
  absl::StatusOr<ShadowReport> Report() const ABSL_LOCKS_EXCLUDED(mu_);
  // Null: none runs.
  ModelHandle candidate() const ABSL_LOCKS_EXCLUDED(mu_);
  // The last report. Errors   NOT_FOUND none runs.
  absl::StatusOr<ShadowReport> Stop() ABSL_LOCKS_EXCLUDED(mu_);

  bool Wants(const LoadedModel& model) override ABSL_LOCKS_EXCLUDED(mu_);
  void Observe(AnsweredSample answered) override ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Run;
  // Shared by what is under way, which may end after the run was stopped.
  using RunHandle = std::shared_ptr<Run>;

  void Drop(Run& run) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Takes the sample to the candidate.
  void Send(const RunHandle& run, std::shared_ptr<AnsweredSample> answered)
      ABSL_LOCKS_EXCLUDED(mu_);
  void Compare(Run& run, const AnsweredSample& answered,
               const absl::StatusOr<Prediction>& prediction, const BatchReceipt& receipt)
      ABSL_LOCKS_EXCLUDED(mu_);

  Metrics& metrics_;
  std::atomic<bool> active_{false};  // spares requests the lock while nothing runs
  mutable Mutex mu_;
  RunHandle run_ ABSL_GUARDED_BY(mu_);      // null: none runs
  ShadowReport last_ ABSL_GUARDED_BY(mu_);  // of the one that ended last; no candidate: none did
};

}  // namespace lingula
