// What a request leaves in the metrics.
#pragma once

#include "absl/status/statusor.h"
#include "server/metrics/metrics.h"
#include "server/service/segment_result.h"

namespace lingula {

// Counts an answered request of a model: what became of it, its stages, its quality figures.
void RecordOutcome(const absl::StatusOr<SegmentResult>& result, ModelMetrics& metrics);

}  // namespace lingula
