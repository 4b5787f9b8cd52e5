#include "server/service/shadow.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

// A caller like others, so that it gets its turn and no more.
constexpr Flow kShadowFlow = {~uint64_t{0}, 0};

absl::Status CheckAlike(const LoadedModel& candidate, const LoadedModel& live) {
  if (&candidate == &live) {
    return absl::InvalidArgumentError(
        absl::StrCat("model ", candidate.id(), " answers itself: there is nothing to compare"));
  }
  const InputSpec &a = candidate.input(), &b = live.input();
  if (candidate.modality() != live.modality() || a.side_px != b.side_px ||
      a.channels != b.channels || a.transpose != b.transpose || a.antialias != b.antialias) {
    return absl::FailedPreconditionError(
        absl::StrCat("models ", candidate.id(), " and ", live.id(),
                     " read other pictures, or prepare them differently (input of their "
                     "manifests): a shadow cannot compare them"));
  }
  return absl::OkStatus();
}

// The candidate cuts at its own threshold, unless the request asked for another one.
float ThresholdOf(const LoadedModel& candidate, const AnsweredSample& answered) {
  return answered.threshold == answered.model->manifest().threshold()
             ? candidate.manifest().threshold()
             : answered.threshold;
}

bool CanAnswer(const Engine& engine, const Sample& sample) {
  return engine.Supports(sample.guidance) && (sample.free_text.empty() || engine.ReadsFreeText());
}

}  // namespace

std::vector<std::string> Shortfalls(const ShadowReport& report) {
  const ShadowGate& gate = report.gate;
  const ShadowFigures& figures = report.figures;
  std::vector<std::string> why;
  if (figures.images < gate.min_images) {
    why.push_back(
        absl::StrFormat("%d images compared, %d asked for", figures.images, gate.min_images));
  }
  if (figures.Mean(figures.dice) < gate.min_mean_dice) {
    why.push_back(absl::StrFormat("mean Dice %.4f, at least %.4f asked for",
                                  figures.Mean(figures.dice), gate.min_mean_dice));
  }
  const double share = figures.Mean(static_cast<double>(figures.below_floor));
  if (share > gate.max_share_below_floor) {
    why.push_back(absl::StrFormat("a share of %.4f has a Dice below %.2f, at most %.4f allowed",
                                  share, gate.dice_floor, gate.max_share_below_floor));
  }
  if (figures.errors > 0) {
    why.push_back(absl::StrFormat("%d images failed, none allowed", figures.errors));
  }
  return why;
}

double MaskDice(absl::Span<const float> a, float threshold_a, absl::Span<const float> b,
                float threshold_b) {
  int64_t both = 0, sum = 0;
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    const bool in_a = a[i] >= threshold_a, in_b = b[i] >= threshold_b;
    both += in_a && in_b ? 1 : 0;
    sum += (in_a ? 1 : 0) + (in_b ? 1 : 0);
  }
  return sum == 0 ? 1 : 2.0 * static_cast<double>(both) / static_cast<double>(sum);
}

// Its figures belong to the mutex of Shadow.
struct Shadow::Run {
  ShadowPlan plan;
  ShadowFigures figures;
  uint64_t seen = 0;  // live samples, wanted or not
  bool busy = false;  // with its one picture

  ShadowReport Report(bool running) const {
    return {plan.candidate->id(), plan.live, plan.share, plan.gate, figures, running};
  }
};

absl::Status Shadow::Start(ShadowPlan plan, const LoadedModel& live) {
  LINGULA_RETURN_IF_ERROR(CheckAlike(*plan.candidate, live));
  plan.live = live.id();
  MutexLock lock(mu_);
  if (run_ != nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("a shadow of ", run_->plan.candidate->id(), " runs already: stop it first"));
  }
  run_ = std::make_shared<Run>();
  run_->plan = std::move(plan);
  active_ = true;
  return absl::OkStatus();
}

absl::StatusOr<ShadowReport> Shadow::Report() const {
  MutexLock lock(mu_);
  if (run_ != nullptr) {
    return run_->Report(/*running=*/true);
  }
  if (last_.candidate.empty()) {
    return absl::NotFoundError("no shadow was started");
  }
  return last_;
}

ModelHandle Shadow::candidate() const {
  MutexLock lock(mu_);
  return run_ == nullptr ? nullptr : run_->plan.candidate;
}

absl::StatusOr<ShadowReport> Shadow::Stop() {
  RunHandle ended;  // let go of after the lock
  MutexLock lock(mu_);
  if (run_ == nullptr) {
    return absl::NotFoundError("no shadow runs");
  }
  active_ = false;
  last_ = run_->Report(/*running=*/false);
  ended.swap(run_);
  return last_;
}

bool Shadow::Wants(const LoadedModel& model) {
  if (!active_) {
    return false;
  }
  MutexLock lock(mu_);
  if (run_ == nullptr || run_->plan.live != model.id()) {
    return false;
  }
  const auto taken = [share = run_->plan.share](uint64_t seen) {
    return std::floor(static_cast<double>(seen) * share);
  };
  const uint64_t before = run_->seen++;
  if (taken(run_->seen) == taken(before)) {
    return false;
  }
  if (run_->busy || run_->plan.candidate->queue().depth() > 0) {
    Drop(*run_);
    return false;
  }
  return true;
}

void Shadow::Observe(AnsweredSample answered) {
  RunHandle run;
  {
    MutexLock lock(mu_);
    run = run_;
    if (run == nullptr || run->plan.live != answered.model->id()) {
      return;
    }
    LoadedModel& candidate = *run->plan.candidate;
    if (!CanAnswer(candidate.engine(), answered.sample)) {
      ++run->figures.unsuitable;
      metrics_.CountShadow(candidate.id(), "unsuitable");
      return;
    }
    if (run->busy || candidate.queue().depth() > 0 || answered.model->queue().depth() > 0) {
      return Drop(*run);
    }
    run->busy = true;
  }
  Send(run, std::make_shared<AnsweredSample>(std::move(answered)));
}

void Shadow::Drop(Run& run) {
  ++run.figures.dropped;
  metrics_.CountShadow(run.plan.candidate->id(), "dropped");
}

// `run` and `answered` are shared with the task, because std::function must be copyable.
void Shadow::Send(const RunHandle& run, std::shared_ptr<AnsweredSample> answered) {
  LoadedModel& candidate = *run->plan.candidate;
  Admission admission = candidate.Admit(kShadowFlow, Instant::max());
  Task task;
  task.sample = std::move(answered->sample);
  task.done = [this, run, answered](const absl::StatusOr<Prediction>& prediction,
                                    const BatchReceipt& receipt) {
    Compare(*run, *answered, prediction, receipt);
  };
  absl::Status status = admission.status;
  if (status.ok()) {
    status = candidate.Push(std::move(admission.ticket), task);
  }
  if (!status.ok()) {
    MutexLock lock(mu_);
    run->busy = false;
    Drop(*run);
  }
}

void Shadow::Compare(Run& run, const AnsweredSample& answered,
                     const absl::StatusOr<Prediction>& prediction, const BatchReceipt& receipt) {
  const LoadedModel& candidate = *run.plan.candidate;
  const double dice = prediction.ok()
                          ? MaskDice(answered.probabilities, answered.threshold,
                                     prediction->probabilities, ThresholdOf(candidate, answered))
                          : 0;
  if (prediction.ok()) {
    metrics_.ObserveShadowDice(candidate.id(), dice);
  }
  metrics_.CountShadow(candidate.id(), prediction.ok() ? "compared" : "failed");
  MutexLock lock(mu_);
  run.busy = false;
  ShadowFigures& figures = run.figures;
  if (!prediction.ok()) {
    ++figures.errors;
    return;
  }
  ++figures.images;
  figures.dice += dice;
  figures.below_floor += dice < run.plan.gate.dice_floor ? 1 : 0;
  figures.candidate_us += static_cast<double>(receipt.infer_us) / std::max(1, receipt.batch_size);
  figures.live_us += answered.infer_us;
}

}  // namespace lingula
