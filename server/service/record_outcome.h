// What a request leaves in metrics and log.
#pragma once

#include "server/metrics/metrics.h"
#include "server/service/request_observer.h"

namespace lingula {

// Counts an answered request: what became of it, its stages, its quality figures; and logs it.
void RecordOutcome(const AnsweredRequest& request, Metrics& metrics);

}  // namespace lingula
