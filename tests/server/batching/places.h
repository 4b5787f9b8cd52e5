// Places for tests, in milliseconds from the start of a FakeClock.
#pragma once

#include <vector>

#include "server/batching/cost_curve.h"
#include "server/batching/place.h"

namespace lingula::test {

inline Instant At(int ms) {
  return Instant(std::chrono::seconds(1)) + std::chrono::milliseconds(ms);
}

// Ready, of one caller. `ms` < 0: no deadline.
inline Place Due(int ms, uint64_t caller = 0, uint64_t stream = 0) {
  Place place;
  place.flow = {caller, stream};
  place.deadline = ms < 0 ? Instant::max() : At(ms);
  place.due = ms < 0 ? At(10'000) : place.deadline;
  place.arrived = At(0);
  place.is_ready = true;
  return place;
}

// `start` + `each` * size milliseconds for 1 to `max_size`.
inline CostCurve Costs(int start_ms, int each_ms, int max_size) {
  CostCurve costs(max_size);
  for (int size = 1; size <= max_size; ++size) {
    costs.Learn({size, std::chrono::milliseconds(start_ms + each_ms * size)});
  }
  return costs;
}

}  // namespace lingula::test
