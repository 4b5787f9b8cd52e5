#include "server/service/record_outcome.h"

namespace lingula {

static_assert(kFlagNames.size() == v1::Flag_ARRAYSIZE, "each flag has its name in metrics");

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
  }
  for (const v1::Flag flag : result->flags) {
    metrics.flags[flag]->Increment();
  }
}

}  // namespace lingula
