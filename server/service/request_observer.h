// Who keeps account of requests.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/service/caller.h"
#include "server/service/segment_job.h"
#include "server/service/segment_result.h"

namespace lingula {

// A request as its answer leaves. Borrows everything.
struct AnsweredRequest {
  const Caller& caller;
  const SegmentJob& job;    // without forms: refused before it was checked; the model may be null
  const DicomFacts& dicom;  // of a request that was not answered well; else see `result`
  const StageTimes& times;
  const BatchReceipt& batch;
  const absl::StatusOr<SegmentResult>& result;
};

// Called on threads that requests wait for: none may wait. Thread-safe.
class RequestObserver {
 public:
  virtual ~RequestObserver() = default;
  // UNAVAILABLE while account cannot be kept and nothing may be served without it.
  virtual absl::Status MayServe() const = 0;
  // Once for each request of the pipeline, and for each that was refused before it.
  virtual void Answered(const AnsweredRequest& request) = 0;
  // The call that several requests were parts of has ended; it arrived at caller.arrived.
  virtual void CallEnded(const Caller& /*caller*/, const absl::Status& /*status*/) {}
};

// All of them. Thread-safe once they are added.
class RequestObservers {
 public:
  void Add(RequestObserver& observer) { all_.push_back(&observer); }
  absl::Status MayServe() const;
  void Answered(const AnsweredRequest& request) const;
  void CallEnded(const Caller& caller, const absl::Status& status) const;
  // For a request that was refused before it became a job; `model` may be null.
  void Refused(const Caller& caller, const std::string& request_id, ModelHandle model,
               const absl::Status& status, Instant now) const;

 private:
  std::vector<RequestObserver*> all_;
};

}  // namespace lingula
