#include "server/service/pipeline.h"

#include <algorithm>
#include <utility>

#include "model/base/log.h"
#include "model/base/status_macros.h"
#include "model/image/preprocess.h"
#include "server/service/errors.h"

namespace lingula {
namespace {

constexpr char kMethod[] = "Segment";

// A client whose deadline passes cancels its call, and gRPC rounds deadlines up by at most 1 % on
// the wire: a cancellation this close to the server's deadline is an expiry.
bool IsExpired(const Caller& caller, Instant now) {
  using std::chrono::milliseconds;
  if (caller.deadline == Instant::max()) {
    return false;
  }
  const Instant::duration slack =
      std::max<Instant::duration>(milliseconds(5), (caller.deadline - caller.arrived) / 50);
  const bool cancelled = caller.cancelled != nullptr && *caller.cancelled;
  return now >= caller.deadline || (cancelled && now + slack >= caller.deadline);
}

// OK while somebody waits for the answer.
absl::Status CheckAwaited(const Caller& caller, Instant now) {
  if (IsExpired(caller, now)) {
    return absl::DeadlineExceededError("the deadline passed before the answer was ready");
  }
  if (caller.cancelled != nullptr && *caller.cancelled) {
    return absl::CancelledError("cancelled by the caller");
  }
  return absl::OkStatus();
}

// Runs `step` and keeps how long it took.
template <typename Step>
auto Timed(const Clock& clock, unsigned& us, const Step& step) {
  const Instant start = clock.Now();
  auto result = step();
  us = MicrosBetween(start, clock.Now());
  return result;
}

void RecordOutcome(const absl::StatusOr<SegmentResult>& result, ModelMetrics& metrics) {
  if (absl::IsDeadlineExceeded(result.status())) {
    metrics.expired.Increment();
  } else if (absl::IsCancelled(result.status())) {
    metrics.cancelled.Increment();
  }
  if (!result.ok()) {
    return;
  }
  for (int i = 0; i < kStages; ++i) {
    metrics.stage_seconds[i]->Observe(result->times.us[i] * 1e-6);
  }
  if (result->trust.expected_dice.has_value()) {
    metrics.expected_dice.Observe(*result->trust.expected_dice);
  } else {
    metrics.empty_masks.Increment();
  }
  if (result->trust.outlyingness.has_value() && result->trust.outlyingness->outside) {
    metrics.out_of_distribution.Increment();
  }
}

}  // namespace

// One request on its way. Closures carry it as a bare pointer, because std::function must be
// copyable; each of them runs exactly once and owns it again first thing.
struct Pipeline::Work {
  Caller caller;
  Done done;
  bool accepted = false;
  SegmentJob job;
  Picture picture;  // pixels are let go as soon as no overlay needs them
  cv::Size size;
  StageTimes times;
  BatchReceipt batch;
};

Pipeline::Pipeline(const ModelTable& models, ThreadPool& pool, const PixelLimits& limits,
                   const Clock& clock, Metrics& metrics)
    : models_(models), pool_(pool), limits_(limits), clock_(clock), metrics_(metrics) {}

void Pipeline::Submit(const v1::SegmentRequest& request, const Caller& caller, Done done) {
  auto work = std::make_unique<Work>();
  work->caller = caller;
  work->done = std::move(done);
  absl::StatusOr<SegmentJob> job = JobFrom(request, models_);
  if (!job.ok()) {
    // The label is a loaded model's id or empty: never the caller's text.
    const auto model = models_.Find(request.model(), request.modality());
    work->job.model = model.ok() ? *model : nullptr;
    return Answer(*work, job.status());
  }
  work->job = *std::move(job);
  if (absl::Status status = Admit(*work); !status.ok()) {
    return Answer(*work, status);
  }
  Work* const bare = work.get();
  std::function<void()> prepare = [this, bare] { Prepare(WorkPtr(bare)); };
  if (pool_.TryRun(prepare)) {
    work.release();
    return;
  }
  LoadedModel& model = *work->job.model;
  model.metrics().rejected_pool_full.Increment();
  Answer(
      *work,
      WithRetry(absl::ResourceExhaustedError("too many images wait for a processor: retry later"),
                model.RetryAfter()));
}

absl::Status Pipeline::Admit(Work& work) {
  LINGULA_RETURN_IF_ERROR(CheckAwaited(work.caller, clock_.Now()));
  MutexLock lock(mu_);
  if (draining_) {
    work.job.model->metrics().rejected_draining.Increment();
    return absl::UnavailableError("the server is draining: send to another one");
  }
  work.accepted = true;
  ++accepted_;
  return absl::OkStatus();
}

void Pipeline::Leave() {
  MutexLock lock(mu_);
  if (--accepted_ == 0) {
    idle_.NotifyAll();
  }
}

void Pipeline::StopAccepting() {
  MutexLock lock(mu_);
  draining_ = true;
}

void Pipeline::WaitUntilIdle(std::chrono::nanoseconds grace) {
  const Instant end = Clock::Real().Now() + grace;
  MutexLock lock(mu_);
  for (Instant now = Clock::Real().Now(); accepted_ > 0 && now < end; now = Clock::Real().Now()) {
    idle_.WaitFor(mu_, end - now);
  }
}

void Pipeline::Prepare(WorkPtr work) {
  Sample sample;
  if (absl::Status status = MakeSample(*work, sample); !status.ok()) {
    return Answer(*work, status);
  }
  Enqueue(std::move(work), std::move(sample));
}

absl::Status Pipeline::MakeSample(Work& work, Sample& sample) const {
  LINGULA_RETURN_IF_ERROR(CheckAwaited(work.caller, clock_.Now()));
  const InputSpec& input = work.job.model->input();
  const auto* file = std::get_if<absl::string_view>(&work.job.image);
  const char* const field = file != nullptr ? "image.encoded" : "image.raw";
  auto picture = Timed(clock_, work.times[Stage::kDecode], [&] {
    return file != nullptr
               ? DecodeImage(*file, input.channels, limits_)
               : TakePixels(std::get<RawPixels>(work.job.image), input.channels, limits_);
  });
  if (!picture.ok()) {
    return WithField(picture.status(), field);
  }
  LINGULA_RETURN_IF_ERROR(CheckAwaited(work.caller, clock_.Now()));
  work.picture = *std::move(picture);
  work.size = work.picture.pixels.size();
  auto pixels = Timed(clock_, work.times[Stage::kPreprocess],
                      [&] { return Preprocess(work.picture.pixels, input); });
  if (!pixels.ok()) {
    return WithField(pixels.status(), field);
  }
  const auto& forms = work.job.forms;
  if (std::find(forms.begin(), forms.end(), MaskForm::kOverlayPng) == forms.end()) {
    work.picture.pixels.release();
  }
  sample.pixels = *std::move(pixels);
  sample.guidance = work.job.guidance;
  sample.report = work.job.report;
  sample.free_text = work.job.free_text;
  return absl::OkStatus();
}

void Pipeline::Enqueue(WorkPtr work, Sample sample) {
  Work* const bare = work.get();
  LoadedModel& model = *bare->job.model;
  Task task;
  task.sample = std::move(sample);
  task.deadline = bare->caller.deadline;
  task.cancelled = bare->caller.cancelled;
  task.done = [this, bare](absl::StatusOr<Prediction> prediction, const BatchReceipt& receipt) {
    bare->batch = receipt;
    bare->times[Stage::kQueue] = receipt.queue_us;
    bare->times[Stage::kInfer] = receipt.infer_us;
    pool_.Run([this, bare, prediction = std::move(prediction)]() mutable {
      Deliver(WorkPtr(bare), std::move(prediction));
    });
  };
  model.metrics().queue_depth.Increment();  // LoadedModel counts down what leaves the queue
  const absl::Status status = model.queue().Push(task);
  if (status.ok()) {
    work.release();  // perhaps answered and gone already
    return;
  }
  model.metrics().queue_depth.Decrement();
  if (absl::IsResourceExhausted(status)) {
    model.metrics().rejected_queue_full.Increment();
    Answer(*work, WithRetry(status, model.RetryAfter()));
  } else {
    model.metrics().rejected_draining.Increment();
    Answer(*work, status);
  }
}

void Pipeline::Deliver(WorkPtr work, absl::StatusOr<Prediction> prediction) {
  absl::Status status = CheckAwaited(work->caller, clock_.Now());
  if (status.ok()) {
    status = prediction.status();
  }
  if (!status.ok()) {
    return Answer(*work, status);
  }
  Answer(*work, Finish(*work, *std::move(prediction)));
}

absl::StatusOr<SegmentResult> Pipeline::Finish(Work& work, Prediction prediction) const {
  SegmentResult result;
  const cv::Mat mask = Timed(clock_, work.times[Stage::kPostprocess], [&] {
    return Judge(work.job, std::move(prediction), work.size, work.picture.lossy, result);
  });
  LINGULA_RETURN_IF_ERROR(Timed(clock_, work.times[Stage::kEncode], [&] {
    return EncodeMasks(work.job, mask, work.picture.pixels, result);
  }));
  return result;
}

void Pipeline::Answer(Work& work, absl::StatusOr<SegmentResult> result) {
  work.times[Stage::kTotal] = MicrosBetween(work.caller.arrived, clock_.Now());
  if (result.ok()) {
    result->times = work.times;
    result->batch = work.batch;
  }
  Record(work, result);
  work.done(std::move(result));
  if (work.accepted) {
    Leave();
  }
}

void Pipeline::Record(const Work& work, const absl::StatusOr<SegmentResult>& result) {
  const std::string code = absl::StatusCodeToString(result.status().code());
  const std::string model = work.job.model != nullptr ? work.job.model->id() : "";
  metrics_.CountRequest(kMethod, model, code);
  if (work.job.model != nullptr) {
    RecordOutcome(result, work.job.model->metrics());
  }
  log::Write(absl::IsInternal(result.status()) ? log::Level::kError : log::Level::kDebug, "segment",
             {{"request_id", work.job.request_id},
              {"model", model},
              {"code", code},
              {"total_us", work.times[Stage::kTotal]},
              {"queue_us", work.times[Stage::kQueue]},
              {"infer_us", work.times[Stage::kInfer]},
              {"batch_size", work.batch.batch_size}});
}

}  // namespace lingula
