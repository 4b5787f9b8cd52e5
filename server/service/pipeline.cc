#include "server/service/pipeline.h"

#include <utility>

#include "model/base/status_macros.h"
#include "server/service/errors.h"
#include "server/service/read_image.h"
#include "server/service/record_outcome.h"
#include "server/service/smoothing.h"

namespace lingula {
namespace {

// Pixels, not a file, and so few that preparing or rendering them takes about as long as waking
// another thread: 256 x 256.
constexpr int64_t kFewPixels = 1 << 16;

bool IsSmall(const SegmentJob& job) {
  if (!job.reference.empty()) {
    return false;
  }
  if (const auto* tensor = std::get_if<TensorPixels>(&job.image)) {
    return tensor->data.size() <= kFewPixels * sizeof(float);
  }
  const auto* raw = std::get_if<RawPixels>(&job.image);
  return raw != nullptr && int64_t{raw->width} * raw->height <= kFewPixels;
}

}  // namespace

// One request on its way. Closures carry it as a bare pointer, because std::function must be
// copyable; each of them runs exactly once and owns it again first thing.
struct Pipeline::Work {
  Caller caller;
  Done done;
  bool accepted = false;
  Instant predicted{};
  SegmentJob job;
  Ticket ticket;      // until its sample is pushed; after the job, whose model it must not outlive
  Picture picture;    // pixels are let go as soon as no overlay needs them
  cv::Mat reference;  // empty: the caller sent none
  cv::Size size;
  DicomFacts dicom;
  StageTimes times;
  BatchReceipt batch;
  Observation observed;
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
    work->job.request_id = request.request_id();
    // The label is a loaded model's id or empty: never the caller's text.
    work->job.model = models_.Find(request.model(), request.modality()).value_or(nullptr);
    return Answer(*work, job.status());
  }
  work->job = *std::move(job);
  Accept(std::move(work));
}

void Pipeline::Submit(SegmentJob job, const Caller& caller, Done done) {
  auto work = std::make_unique<Work>();
  work->caller = caller;
  work->done = std::move(done);
  work->job = std::move(job);
  Accept(std::move(work));
}

void Pipeline::Accept(WorkPtr work) {
  if (absl::Status status = Enter(*work); !status.ok()) {
    return Answer(*work, status);
  }
  if (absl::Status status = TakePlace(*work); !status.ok()) {
    return Answer(*work, status);
  }
  if (IsSmall(work->job)) {
    return Prepare(std::move(work));
  }
  pool_.Begin([this, bare = work.release()] { Prepare(WorkPtr(bare)); });
}

absl::Status Pipeline::Enter(Work& work) {
  LINGULA_RETURN_IF_ERROR(CheckAwaited(work.caller, clock_.Now()));
  LINGULA_RETURN_IF_ERROR(request_observers_.MayServe());
  MutexLock lock(mu_);
  if (draining_) {
    work.job.model->metrics().rejected_draining.Increment();
    return absl::UnavailableError("the server is draining: send to another one");
  }
  work.accepted = true;
  ++accepted_;
  return absl::OkStatus();
}

absl::Status Pipeline::TakePlace(Work& work) {
  LoadedModel& model = *work.job.model;
  const Flow flow = {work.caller.caller, work.caller.stream};
  Admission admission =
      model.Admit(flow, model.DeadlineOfNetwork(work.caller.deadline, clock_.Now()));
  if (absl::IsResourceExhausted(admission.status)) {
    (admission.is_full ? model.metrics().rejected_queue_full : model.metrics().rejected_deadline)
        .Increment();
    return WithRetry(admission.status, admission.retry_after);
  }
  work.ticket = std::move(admission.ticket);
  return admission.status;
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

bool Pipeline::IsAccepting() const {
  MutexLock lock(mu_);
  return !draining_;
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
  const auto check_awaited = [&] { return CheckAwaited(work.caller, clock_.Now()); };
  LINGULA_RETURN_IF_ERROR(check_awaited());
  LINGULA_ASSIGN_OR_RETURN(NetworkInput input,
                           ReadImage(work.job, limits_, clock_, check_awaited, work.times));
  work.picture = std::move(input.picture);
  work.reference = std::move(input.reference);
  work.size = input.size;
  work.dicom = std::move(input.dicom);
  work.job.viewer_left = input.viewer_left;
  sample.pixels = std::move(input.pixels);
  sample.guidance = work.job.guidance;
  sample.report = work.job.report;
  sample.free_text = work.job.free_text;
  sample.second_opinion = work.job.want_second_opinion;
  return absl::OkStatus();
}

void Pipeline::Enqueue(WorkPtr work, Sample sample) {
  Work* const bare = work.get();
  // Held, because the work may be answered, and its model gone, before Push returns.
  const ModelHandle held = bare->job.model;
  LoadedModel& model = *held;
  Task task;
  task.sample = std::move(sample);
  task.cancelled = bare->caller.cancelled;
  task.done = [this, bare](absl::StatusOr<Prediction> prediction, const BatchReceipt& receipt) {
    Hand(bare, std::move(prediction), receipt);
  };
  if (bare->caller.smoothing == nullptr) {  // a mask of several frames compares with none of one
    bare->observed.Begin(observer_, held, task.sample);
  }
  model.before_network().Add(Since(bare->caller.arrived));
  const absl::Status status = model.Push(std::move(work->ticket), task);
  if (status.ok()) {
    work.release();  // perhaps answered and gone already
    return;
  }
  Refuse(*work, status);
}

// On the batch thread, which stays with a small picture when no other sample waits for it.
void Pipeline::Hand(Work* bare, absl::StatusOr<Prediction> prediction,
                    const BatchReceipt& receipt) {
  WorkPtr work(bare);
  work->batch = receipt;
  work->predicted = clock_.Now();
  work->times.EndedAt(work->predicted, receipt.queue_us, receipt.infer_us);
  if (receipt.batch_size == 1 && work->size.area() <= kFewPixels && work->reference.empty() &&
      work->job.model->queue().depth() == 0) {
    return Deliver(std::move(work), std::move(prediction));
  }
  pool_.Finish([this, bare = work.release(), prediction = std::move(prediction)]() mutable {
    Deliver(WorkPtr(bare), std::move(prediction));
  });
}

void Pipeline::Deliver(WorkPtr work, absl::StatusOr<Prediction> prediction) {
  absl::Status status = CheckAwaited(work->caller, clock_.Now());
  if (status.ok()) {
    status = prediction.status();
  }
  if (!status.ok()) {
    return Refuse(*work, status);
  }
  work->observed.Keep(*prediction);
  absl::StatusOr<SegmentResult> result = Finish(*work, *std::move(prediction));
  work->job.model->after_network().Add(Since(work->predicted));
  const bool is_good = result.ok();
  Answer(*work, std::move(result));
  if (is_good) {
    work->observed.End(work->job.threshold, work->batch);
  }
}

absl::StatusOr<SegmentResult> Pipeline::Finish(Work& work, Prediction prediction) const {
  SegmentResult result;
  result.dicom = std::move(work.dicom);
  if (work.caller.smoothing != nullptr) {
    work.caller.smoothing->Apply(work.size, prediction.probabilities);
    work.job.smoothed = true;
  }
  const std::optional<SecondPrediction> second = std::move(prediction.second);
  JudgedMask other;
  const JudgedMask judged = Timed(clock_, work.times, Stage::kPostprocess, [&] {
    JudgedMask made = Judge(work.job, std::move(prediction), work.size, work.picture.lossy, result);
    if (!work.reference.empty()) {
      result.overlap = Compare(made.mask, work.reference);
    }
    if (second.has_value()) {
      other = JudgeSecond(work.job, *second, made, result.second.emplace());
    }
    return made;
  });
  LINGULA_RETURN_IF_ERROR(Timed(clock_, work.times, Stage::kEncode, [&] {
    if (result.second.has_value()) {
      LINGULA_RETURN_IF_ERROR(EncodeSecond(work.job, other, work.picture.pixels, *result.second));
    }
    return EncodeMasks(work.job, judged, work.picture.pixels, result);
  }));
  return result;
}

// For a status that may have come from the queue.
void Pipeline::Refuse(Work& work, absl::Status status) {
  LoadedModel& model = *work.job.model;
  if (absl::IsResourceExhausted(status)) {
    model.metrics().rejected_displaced.Increment();
    status = WithRetry(status, model.TimeToWorkOff());
  } else if (absl::IsUnavailable(status)) {
    model.metrics().rejected_draining.Increment();
  }
  Answer(work, status);
}

std::chrono::microseconds Pipeline::Since(Instant start) const {
  return std::chrono::microseconds(MicrosBetween(start, clock_.Now()));
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
  const AnsweredRequest answered = {work.caller, work.job,   work.dicom,
                                    work.times,  work.batch, result};
  RecordOutcome(answered, metrics_);
  request_observers_.Answered(answered);
}

}  // namespace lingula
