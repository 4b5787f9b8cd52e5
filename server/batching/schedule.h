// What to run next: pure functions of time, places and costs (docs/adr/0013).
#pragma once

#include <vector>

#include "absl/types/span.h"
#include "model/base/clock.h"
#include "server/batching/cost_curve.h"
#include "server/batching/place.h"
#include "server/batching/turns.h"

namespace lingula {

// Earliest due first, in batches of the best size or smaller where a deadline asks for it.
struct Plan {
  int late = 0;   // places that cannot be finished in time
  Instant end{};  // when all the others would be
};

// Runs `places` (earliest due first) on paper: `free_at` says when each instance of the engine is
// free. Places that are not ready count as if they were. By the bounds of `costs`.
Plan PlanAhead(absl::Span<const Place> places, std::vector<Instant> free_at,
               const CostCurve& costs);

// The next batch.
struct Choice {
  std::vector<int> places;    // indices, ascending; empty: nothing is ready
  bool for_deadline = false;  // order or size followed a deadline
};

// Up to `size` places for instance number `instance`, which is free at `now` as free_at says;
// `places` and `free_at` as in PlanAhead. Fair if all that could be in time then still can, else
// earliest due first. An engine is never left idle while a place is ready: when none can be in time
// by the bounds, the one with most time left goes alone, so that costs are learned even when they
// look hopeless.
Choice ChooseBatch(absl::Span<const Place> places, int instance, Instant now,
                   const std::vector<Instant>& free_at, const CostCurve& costs, const Turns& turns,
                   int size);

}  // namespace lingula
