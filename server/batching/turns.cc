#include "server/batching/turns.h"

#include <algorithm>
#include <iterator>

namespace lingula {
namespace {

// The ready places of one stream.
struct Lane {
  uint64_t spent = 0;
  std::vector<int> ready;  // latest due first
};

struct Group {
  uint64_t spent = 0;
  std::map<uint64_t, Lane> lanes;
};

int First(const Lane& lane) {
  return lane.ready.back();
}

int First(const Group& group) {
  const auto first = std::min_element(
      group.lanes.begin(), group.lanes.end(),
      [](const auto& a, const auto& b) { return First(a.second) < First(b.second); });
  return First(first->second);
}

// Who had least; of equals the one whose first place is due first.
template <typename Map>
typename Map::iterator Next(Map& map) {
  return std::min_element(map.begin(), map.end(), [](const auto& a, const auto& b) {
    return a.second.spent != b.second.spent ? a.second.spent < b.second.spent
                                            : First(a.second) < First(b.second);
  });
}

using Spent = std::map<uint64_t, uint64_t>;

// What a newcomer starts with.
uint64_t Level(const Spent& spent) {
  const auto least = std::min_element(
      spent.begin(), spent.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return least == spent.end() ? 0 : least->second;
}

uint64_t SpentBy(const Spent& spent, uint64_t key) {
  const auto found = spent.find(key);
  return found == spent.end() ? Level(spent) : found->second;
}

// Forgets who is not among `present` and enters who is new.
template <typename Present>
void KeepPresent(const Present& present, Spent& spent) {
  const uint64_t level = Level(spent);
  for (auto it = spent.begin(); it != spent.end();) {
    it = present.count(it->first) == 0 ? spent.erase(it) : std::next(it);
  }
  for (const auto& entry : present) {
    spent.emplace(entry.first, level);
  }
}

}  // namespace

std::vector<int> Turns::Draw(absl::Span<const Place> places, int size) const {
  std::map<uint64_t, Group> groups;
  for (int i = static_cast<int>(places.size()) - 1; i >= 0; --i) {
    if (places[i].is_ready) {
      const Flow& flow = places[i].flow;
      Group& group = groups[flow.caller];
      group.spent = SpentBy(callers_, flow.caller);
      Lane& lane = group.lanes[flow.stream];
      const auto streams = streams_.find(flow.caller);
      lane.spent = streams == streams_.end() ? 0 : SpentBy(streams->second, flow.stream);
      lane.ready.push_back(i);
    }
  }
  std::vector<int> drawn;
  while (static_cast<int>(drawn.size()) < size && !groups.empty()) {
    const auto group = Next(groups);
    auto& lanes = group->second.lanes;
    const auto lane = Next(lanes);
    drawn.push_back(First(lane->second));
    ++group->second.spent;
    ++lane->second.spent;
    lane->second.ready.pop_back();
    if (lane->second.ready.empty()) {
      lanes.erase(lane);
    }
    if (lanes.empty()) {
      groups.erase(group);
    }
  }
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

void Turns::Spend(absl::Span<const Place> places, absl::Span<const int> drawn) {
  std::map<uint64_t, std::map<uint64_t, int>> present;
  for (const Place& place : places) {
    present[place.flow.caller][place.flow.stream];
  }
  KeepPresent(present, callers_);
  for (auto it = streams_.begin(); it != streams_.end();) {
    it = present.count(it->first) == 0 ? streams_.erase(it) : std::next(it);
  }
  for (const auto& [caller, streams] : present) {
    KeepPresent(streams, streams_[caller]);
  }
  for (const int index : drawn) {
    const Flow& flow = places[index].flow;
    ++callers_[flow.caller];
    ++streams_[flow.caller][flow.stream];
  }
}

}  // namespace lingula
