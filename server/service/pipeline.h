// The way of a request from bytes to mask (docs/architecture.md, "Life of a request").
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "lingula/v1/segmentation.pb.h"
#include "model/base/clock.h"
#include "model/base/mutex.h"
#include "model/base/thread_pool.h"
#include "model/image/pixels.h"
#include "server/metrics/metrics.h"
#include "server/service/answer_observer.h"
#include "server/service/caller.h"
#include "server/service/model_table.h"
#include "server/service/request_observer.h"
#include "server/service/segment_result.h"

namespace lingula {

// Gate and a place in the model's queue, then processor pool (decode, preprocess), then the queue
// and a batch thread, then pool again (mask, figures, encoding). Each hand-over moves ownership; no
// step waits for another. Small steps stay on the thread they are on, since a hand-over to a
// sleeping thread costs as much as they do.
// Metrics of Segment are recorded here, in one place, before `done`.
// Errors   those of Segmentation.Segment in segmentation.proto.
// Threads  Thread-safe. Outlives the models' batch threads and the pool, whose work ends in here.
class Pipeline {
 public:
  using Done = std::function<void(absl::StatusOr<SegmentResult>)>;

  // Borrows everything.
  Pipeline(const ModelTable& models, ThreadPool& pool, const PixelLimits& limits,
           const Clock& clock, Metrics& metrics);

  // `observer` sees what is answered well. Before the first Submit.
  void Observe(AnswerObserver& observer) { observer_ = &observer; }
  // `observer` hears of every request. Before the first Submit.
  void Observe(RequestObserver& observer) { request_observers_.Add(observer); }
  // For a call that is refused before it can be submitted: observers hear of it, metrics do not.
  void Refused(const Caller& caller, const std::string& request_id, ModelHandle model,
               const absl::Status& status) {
    request_observers_.Refused(caller, request_id, std::move(model), status, clock_.Now());
  }
  // For a call whose requests were parts of it.
  void CallEnded(const Caller& caller, const absl::Status& status) {
    request_observers_.CallEnded(caller, status);
  }
  // Never blocks. Borrows `request` until `done` is called, exactly once, on any thread and perhaps
  // before Submit returns; `done` must not wait.
  void Submit(const v1::SegmentRequest& request, const Caller& caller, Done done);
  // The same for a job that is checked already; borrows what it borrows.
  void Submit(SegmentJob job, const Caller& caller, Done done);
  // From now on Submit answers UNAVAILABLE; what was accepted goes on.
  void StopAccepting() ABSL_LOCKS_EXCLUDED(mu_);
  // False after StopAccepting.
  bool IsAccepting() const ABSL_LOCKS_EXCLUDED(mu_);
  // After StopAccepting: waits until all that was accepted is answered, `grace` at most.
  void WaitUntilIdle(std::chrono::nanoseconds grace) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Work;
  using WorkPtr = std::unique_ptr<Work>;

  void Accept(WorkPtr work);
  absl::Status Enter(Work& work) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status TakePlace(Work& work);
  void Leave() ABSL_LOCKS_EXCLUDED(mu_);
  void Prepare(WorkPtr work);
  absl::Status MakeSample(Work& work, Sample& sample) const;
  void Enqueue(WorkPtr work, Sample sample);
  void Hand(Work* work, absl::StatusOr<Prediction> prediction, const BatchReceipt& receipt);
  void Deliver(WorkPtr work, absl::StatusOr<Prediction> prediction);
  absl::StatusOr<SegmentResult> Finish(Work& work, Prediction prediction) const;
  void Refuse(Work& work, absl::Status status);
  std::chrono::microseconds Since(Instant start) const;
  void Answer(Work& work, absl::StatusOr<SegmentResult> result);
  void Record(const Work& work, const absl::StatusOr<SegmentResult>& result);

  const ModelTable& models_;
  ThreadPool& pool_;
  const PixelLimits limits_;
  const Clock& clock_;
  Metrics& metrics_;
  AnswerObserver* observer_ = nullptr;
  RequestObservers request_observers_;
  mutable Mutex mu_;
  CondVar idle_;
  bool draining_ ABSL_GUARDED_BY(mu_) = false;
  int accepted_ ABSL_GUARDED_BY(mu_) = 0;  // and not answered yet
};

}  // namespace lingula
