#include "server/batching/door.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "server/batching/schedule.h"

namespace lingula {
namespace {

using std::chrono::microseconds;

// The key of `held` with the highest count, if that is at least two more than what `own` holds.
template <typename Held>
const uint64_t* ClearlyMost(const Held& held, uint64_t own) {
  const auto most = std::max_element(
      held.begin(), held.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  const auto mine = held.find(own);
  const int mine_count = mine == held.end() ? 0 : mine->second;
  return most != held.end() && most->second >= mine_count + 2 ? &most->first : nullptr;
}

// The place that is next to give way to `newcomer`; -1: nobody holds so much more.
int WhoGivesWay(const std::vector<Place>& places, const Flow& newcomer) {
  std::map<uint64_t, int> callers, streams;
  for (const Place& place : places) {
    ++callers[place.flow.caller];
    if (place.flow.caller == newcomer.caller) {
      ++streams[place.flow.stream];
    }
  }
  const uint64_t* const caller = ClearlyMost(callers, newcomer.caller);
  const uint64_t* const stream =
      caller == nullptr ? ClearlyMost(streams, newcomer.stream) : nullptr;
  int youngest = -1;
  for (size_t i = 0; i < places.size(); ++i) {
    const Flow& flow = places[i].flow;
    const bool of_most = caller != nullptr ? flow.caller == *caller
                         : stream != nullptr
                             ? flow.caller == newcomer.caller && flow.stream == *stream
                             : false;
    if (of_most && (youngest < 0 || places[youngest].arrived <= places[i].arrived)) {
      youngest = static_cast<int>(i);
    }
  }
  return youngest;
}

bool Fits(const std::vector<Place>& places, const Place& newcomer, int max_places,
          const std::vector<Instant>& free_at, const CostCurve& costs) {
  if (static_cast<int>(places.size()) >= max_places) {
    return false;
  }
  std::vector<Place> with = places;
  with.insert(std::upper_bound(with.begin(), with.end(), newcomer, IsDueEarlier), newcomer);
  return PlanAhead(with, free_at, costs).late <= PlanAhead(places, free_at, costs).late;
}

microseconds TimeMissing(absl::Span<const Place> places, const Place& newcomer,
                         const std::vector<Instant>& free_at, const CostCurve& costs) {
  const Instant end = PlanAhead(places, free_at, costs).end + costs.Bound(1);
  const Instant wanted = newcomer.deadline == Instant::max() ? newcomer.arrived : newcomer.deadline;
  return std::max(costs.Bound(1), std::chrono::duration_cast<microseconds>(end - wanted));
}

}  // namespace

Verdict JudgeAtDoor(absl::Span<const Place> places, const Place& newcomer, int max_places,
                    const std::vector<Instant>& free_at, const CostCurve& costs) {
  Verdict verdict;
  const bool idle =
      places.empty() && *std::min_element(free_at.begin(), free_at.end()) <= newcomer.arrived;
  std::vector<Place> stay(places.begin(), places.end());
  std::vector<int> index(places.size());  // of `stay` in `places`
  std::iota(index.begin(), index.end(), 0);
  while (!idle && !Fits(stay, newcomer, max_places, free_at, costs)) {
    const int next = WhoGivesWay(stay, newcomer.flow);
    if (next < 0) {
      verdict.displaced.clear();
      verdict.is_full = static_cast<int>(places.size()) >= max_places;
      verdict.retry_after = TimeMissing(places, newcomer, free_at, costs);
      return verdict;
    }
    verdict.displaced.push_back(index[next]);
    stay.erase(stay.begin() + next);
    index.erase(index.begin() + next);
  }
  verdict.is_admitted = true;
  return verdict;
}

}  // namespace lingula
