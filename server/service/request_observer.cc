#include "server/service/request_observer.h"

#include <utility>

#include "model/base/status_macros.h"

namespace lingula {

absl::Status RequestObservers::MayServe() const {
  for (const RequestObserver* observer : all_) {
    LINGULA_RETURN_IF_ERROR(observer->MayServe());
  }
  return absl::OkStatus();
}

void RequestObservers::Answered(const AnsweredRequest& request) const {
  for (RequestObserver* observer : all_) {
    observer->Answered(request);
  }
}

void RequestObservers::CallEnded(const Caller& caller, const absl::Status& status) const {
  for (RequestObserver* observer : all_) {
    observer->CallEnded(caller, status);
  }
}

void RequestObservers::Refused(const Caller& caller, const std::string& request_id,
                               ModelHandle model, const absl::Status& status, Instant now) const {
  SegmentJob job;
  job.request_id = request_id;
  job.model = std::move(model);
  StageTimes times;
  times[Stage::kTotal] = MicrosBetween(caller.arrived, now);
  Answered({caller, job, {}, times, {}, status});
}

}  // namespace lingula
