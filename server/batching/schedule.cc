#include "server/batching/schedule.h"

#include <algorithm>
#include <utility>

namespace lingula {
namespace {

bool IsLate(const Place& place, Instant end) {
  return place.deadline < end;
}

// Takes from `index` on the longest run of places, skipping those that are late even alone, that
// ends by the deadlines of all in it. Moves `index` behind it.
struct Run {
  int size = 0;
  int skipped = 0;
};
Run TakeRun(absl::Span<const Place> places, Instant start, const CostCurve& costs, size_t& index) {
  Run run;
  Instant earliest = Instant::max();
  const Instant alone = start + costs.Bound(1);
  for (; index < places.size() && run.size < costs.BestSize(); ++index) {
    if (IsLate(places[index], alone)) {
      ++run.skipped;
      continue;
    }
    const Instant deadline = std::min(earliest, places[index].deadline);
    if (deadline < start + costs.Bound(run.size + 1)) {
      break;
    }
    earliest = deadline;
    ++run.size;
  }
  return run;
}

// `drawn` (ascending) taken away.
std::vector<Place> Without(absl::Span<const Place> places, absl::Span<const int> drawn) {
  std::vector<Place> rest;
  rest.reserve(places.size());
  auto next = drawn.begin();
  for (size_t i = 0; i < places.size(); ++i) {
    if (next != drawn.end() && *next == static_cast<int>(i)) {
      ++next;
    } else {
      rest.push_back(places[i]);
    }
  }
  return rest;
}

// True when `drawn` can go now, in time, and what stays is no worse off than by earliest due first.
bool KeepsPromises(absl::Span<const Place> places, absl::Span<const int> drawn, int instance,
                   Instant now, std::vector<Instant> free_at, const CostCurve& costs) {
  const Instant end = now + costs.Bound(static_cast<int>(drawn.size()));
  for (const int index : drawn) {
    if (IsLate(places[index], end)) {
      return false;
    }
  }
  const int late = PlanAhead(places, free_at, costs).late;
  free_at[instance] = end;
  return PlanAhead(Without(places, drawn), std::move(free_at), costs).late <= late;
}

std::vector<int> EarliestDue(absl::Span<const Place> places, Instant now, const CostCurve& costs) {
  std::vector<int> drawn;
  Instant earliest = Instant::max();
  for (size_t i = 0; i < places.size(); ++i) {
    const int size = static_cast<int>(drawn.size()) + 1;
    if (size > costs.BestSize()) {
      break;
    }
    if (!places[i].is_ready || IsLate(places[i], now + costs.Bound(1))) {
      continue;
    }
    earliest = std::min(earliest, places[i].deadline);
    if (earliest < now + costs.Bound(size)) {
      break;
    }
    drawn.push_back(static_cast<int>(i));
  }
  return drawn;
}

int MostTimeLeft(absl::Span<const Place> places) {
  int best = -1;
  for (size_t i = 0; i < places.size(); ++i) {
    if (places[i].is_ready && (best < 0 || places[best].deadline < places[i].deadline)) {
      best = static_cast<int>(i);
    }
  }
  return best;
}

}  // namespace

Plan PlanAhead(absl::Span<const Place> places, std::vector<Instant> free_at,
               const CostCurve& costs) {
  Plan plan;
  plan.end = *std::max_element(free_at.begin(), free_at.end());
  for (size_t index = 0; index < places.size();) {
    Instant& start = *std::min_element(free_at.begin(), free_at.end());
    const Run run = TakeRun(places, start, costs, index);
    plan.late += run.skipped;
    if (run.size > 0) {
      start += costs.Bound(run.size);
      plan.end = std::max(plan.end, start);
    }
  }
  return plan;
}

Choice ChooseBatch(absl::Span<const Place> places, int instance, Instant now,
                   const std::vector<Instant>& free_at, const CostCurve& costs, const Turns& turns,
                   int size) {
  Choice choice;
  choice.places = turns.Draw(places, size);
  if (choice.places.empty() ||
      KeepsPromises(places, choice.places, instance, now, free_at, costs)) {
    return choice;
  }
  choice.for_deadline = true;
  choice.places = EarliestDue(places, now, costs);
  if (choice.places.empty()) {
    choice.places = {MostTimeLeft(places)};
  }
  return choice;
}

}  // namespace lingula
