#include "tests/bench/scale/fleet.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace lingula::bench {
namespace {

std::chrono::nanoseconds Nanos(double seconds) {
  return std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9));
}

void Add(const Counts& counts, Counts& sum) {
  sum.run += counts.run;
  sum.answered += counts.answered;
  sum.refused += counts.refused;
  sum.expired += counts.expired;
  sum.left += counts.left;
  sum.busy_s += counts.busy_s;
  sum.waited_s += counts.waited_s;
}

// As deploy/prometheus/recording.yml has it.
Figures Rates(const Counts& before, const Counts& after, double seconds, int instances) {
  Figures figures;
  const auto left = static_cast<double>(after.left - before.left);
  const auto run = static_cast<double>(after.run - before.run);
  const auto lost =
      static_cast<double>(after.refused + after.expired - before.refused - before.expired);
  figures.queue_delay_s = left > 0 ? (after.waited_s - before.waited_s) / left : 0;
  figures.busy = (after.busy_s - before.busy_s) / seconds / instances;
  figures.offered_load = run > 0 ? figures.busy * (1 + lost / run) : figures.busy;
  return figures;
}

}  // namespace

double Fleet::now_s() const {
  return std::chrono::duration<double>(clock_.Now() - start_).count();
}

void Fleet::RunUntil(double time_s) {
  const Instant end = start_ + Nanos(time_s);
  for (;;) {
    std::vector<Replica*> all = Ready();
    for (const auto& replica : leaving_) {
      all.push_back(replica.get());
    }
    Instant next = end;
    for (const Replica* replica : all) {
      next = std::min(next, replica->NextEnd());
    }
    clock_.Advance(std::max(next - clock_.Now(), Instant::duration(0)));
    if (next == end) {
      return;
    }
    for (Replica* replica : all) {
      replica->Work();
    }
    const auto done = std::partition(leaving_.begin(), leaving_.end(),
                                     [](const auto& replica) { return !replica->idle(); });
    std::for_each(done, leaving_.end(), [this](const auto& gone) { Add(gone->counts(), gone_); });
    leaving_.erase(done, leaving_.end());
  }
}

std::vector<Replica*> Fleet::Ready() const {
  std::vector<Replica*> ready;
  for (const Pod& pod : pods_) {
    if (pod.ready <= clock_.Now()) {
      ready.push_back(pod.replica.get());
    }
  }
  return ready;
}

Replica* Fleet::Choose(uint64_t caller) {
  const std::vector<Replica*> ready = Ready();
  if (ready.empty()) {
    return nullptr;
  }
  if (options_.balance == Balance::kPinned) {
    return ready[(caller * 2654435761U >> 7) % ready.size()];  // some replica, always the same one
  }
  if (options_.balance == Balance::kRoundRobin) {
    return ready[(caller + turns_[caller]++) % ready.size()];
  }
  Replica* const one = ready[random_() % ready.size()];
  Replica* const other = ready[random_() % ready.size()];
  return one->outstanding() <= other->outstanding() ? one : other;
}

void Fleet::Arrive(double patience_s) {
  const uint64_t caller = random_() % options_.callers;
  if (Replica* const replica = Choose(caller)) {
    replica->Arrive({caller, 0}, clock_.Now() + Nanos(patience_s));
  } else {
    ++turned_away_;
  }
}

void Fleet::SetReplicas(int replicas, bool at_once) {
  while (this->replicas() > replicas) {
    leaving_.push_back(std::move(pods_.back().replica));
    pods_.pop_back();
  }
  while (this->replicas() < replicas) {
    ReplicaOptions options = options_.replica;
    const bool slow = std::fmod(born_ * options_.slow_share, 1.0) + options_.slow_share > 1 - 1e-9;
    options.slowness = slow ? options_.slowness : 1;
    Pod pod;
    pod.replica =
        std::make_unique<Replica>(options, clock_, options_.seed + ++born_, latencies_ms_);
    pod.ready = clock_.Now() + Nanos(at_once ? 0 : options_.start_s);
    pods_.push_back(std::move(pod));
  }
}

void Fleet::Scrape() {
  const auto kept = static_cast<size_t>(options_.window_s / options_.scrape_s) + 1;
  for (Pod& pod : pods_) {
    if (pod.ready <= clock_.Now()) {
      pod.scrapes.push_back(pod.replica->counts());
    }
    if (pod.scrapes.size() > kept) {
      pod.scrapes.pop_front();
    }
  }
}

std::vector<std::optional<Figures>> Fleet::figures() const {
  std::vector<std::optional<Figures>> all;
  for (const Pod& pod : pods_) {
    all.emplace_back();
    if (pod.scrapes.size() >= 2) {
      const double seconds = options_.scrape_s * static_cast<double>(pod.scrapes.size() - 1);
      all.back() =
          Rates(pod.scrapes.front(), pod.scrapes.back(), seconds, pod.replica->instances());
    }
  }
  return all;
}

Counts Fleet::Total() const {
  Counts total = gone_;
  for (const Pod& pod : pods_) {
    Add(pod.replica->counts(), total);
  }
  for (const auto& replica : leaving_) {
    Add(replica->counts(), total);
  }
  return total;
}

}  // namespace lingula::bench
