// Time that tests can hold still.
#pragma once

#include <chrono>

namespace lingula {

using Instant = std::chrono::steady_clock::time_point;

// A monotonic clock. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant Now() const = 0;

  // The machine's own clock; lives for ever.
  static const Clock& Real();
};

// `later - earlier` in whole microseconds, at least 0 and at most what a uint32 holds (71 minutes).
inline unsigned MicrosBetween(Instant earlier, Instant later) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(later - earlier).count();
  return us < 0 ? 0U : us > 0xffffffffLL ? 0xffffffffU : static_cast<unsigned>(us);
}

}  // namespace lingula
