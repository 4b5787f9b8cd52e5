#include "server/service/record_outcome.h"

#include "model/base/log.h"

namespace lingula {
namespace {

static_assert(kFlagNames.size() == v1::Flag_ARRAYSIZE, "each flag has its name in metrics");

void CountFor(const absl::StatusOr<SegmentResult>& result, ModelMetrics& metrics) {
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
  }
  for (const v1::Flag flag : result->flags) {
    metrics.flags[flag]->Increment();
  }
}

}  // namespace

void RecordOutcome(const AnsweredRequest& request, Metrics& metrics) {
  const absl::Status& status = request.result.status();
  const std::string code = absl::StatusCodeToString(status.code());
  const SegmentJob& job = request.job;
  const std::string model = job.model != nullptr ? job.model->id() : "";
  if (request.caller.is_counted) {
    metrics.CountRequest(request.caller.method, model, code);
  }
  if (job.model != nullptr) {
    CountFor(request.result, job.model->metrics());
  }
  const bool is_checked = !job.forms.empty();  // else its id may be anything
  log::Write(absl::IsInternal(status) ? log::Level::kError : log::Level::kDebug, "segment",
             {{"trace_id", TraceIdText(request.caller.trace.span)},
              {"request_id", is_checked ? job.request_id : ""},
              {"model", model},
              {"code", code},
              {"total_us", request.times[Stage::kTotal]},
              {"queue_us", request.times[Stage::kQueue]},
              {"infer_us", request.times[Stage::kInfer]},
              {"batch_size", request.batch.batch_size}});
}

}  // namespace lingula
