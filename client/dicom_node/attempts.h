// Which picture is taken up next, and when what failed is tried again.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "model/base/clock.h"
#include "model/base/mutex.h"

namespace lingula::node {

// Shares out the pictures that wait for one step among threads. Thread-safe.
class Attempts {
 public:
  // Waits begin at `first_wait`, which doubles with each failure in a row up to `longest_wait`.
  Attempts(std::chrono::milliseconds first_wait, std::chrono::milliseconds longest_wait);

  // The first of `waiting` that nobody has and whose time has come. It is the caller's until Done,
  // StepBack or Away. Asks `waiting` under its own lock, so that it never sees a picture that was
  // waiting before another thread was done with it.
  std::optional<uint64_t> Take(const std::function<std::vector<uint64_t>()>& waiting, Instant now)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Needs no more attempts, whatever became of it.
  void Done(uint64_t number) ABSL_LOCKS_EXCLUDED(mu_);
  // Failed by itself. How often it has.
  int Failed(uint64_t number) ABSL_LOCKS_EXCLUDED(mu_);
  // Lets the others go first, the longer the more often it has failed.
  void StepBack(uint64_t number, Instant now) ABSL_LOCKS_EXCLUDED(mu_);
  // The other side is away: for a while nothing is taken. How long; none where that is known, from
  // a thread that asked at the same time.
  std::optional<std::chrono::milliseconds> Away(uint64_t number, Instant now)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Until Take may find something among what waits already: above 0, at most `longest`.
  std::chrono::nanoseconds WaitFrom(Instant now, std::chrono::nanoseconds longest)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Item {
    bool taken = false;
    int failures = 0;
    Instant not_before = Instant::min();
  };
  std::chrono::milliseconds WaitAfter(int failures) const;

  const std::chrono::milliseconds first_wait_, longest_wait_;
  Mutex mu_;
  std::map<uint64_t, Item> items_ ABSL_GUARDED_BY(mu_);  // taken, or failed before
  int away_ ABSL_GUARDED_BY(mu_) = 0;                    // failures in a row that are nobody's own
  Instant away_until_ ABSL_GUARDED_BY(mu_) = Instant::min();
};

}  // namespace lingula::node
