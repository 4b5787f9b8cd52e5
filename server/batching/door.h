// Who is let in: a pure function of places and costs (docs/adr/0013).
#pragma once

#include <chrono>
#include <vector>

#include "absl/types/span.h"
#include "model/base/clock.h"
#include "server/batching/cost_curve.h"
#include "server/batching/place.h"

namespace lingula {

struct Verdict {
  bool is_admitted = false;
  bool is_full = false;        // refused for the number of places, not for time
  std::vector<int> displaced;  // indices of places that give way, when admitted
  // When refused: how much earlier the newcomer would have had to come, or other work to end.
  std::chrono::microseconds retry_after{0};
};

// Lets `newcomer` in when fewer than `max_places` are held and no more of them would be late with
// it than without it. Else the youngest work of a caller, or of a stream of the newcomer's own
// caller, that holds at least two places more than the newcomer's gives way, as often as it takes;
// if that is not enough, nobody gives way and the newcomer is refused. An idle engine takes
// whatever comes: what it costs is then learned, however hopeless it looked. `places` earliest due
// first, `free_at` by instance, none before the newcomer's arrival.
Verdict JudgeAtDoor(absl::Span<const Place> places, const Place& newcomer, int max_places,
                    const std::vector<Instant>& free_at, const CostCurve& costs);

}  // namespace lingula
