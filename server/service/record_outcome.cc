#include "server/service/record_outcome.h"

namespace lingula {

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

}  // namespace lingula
