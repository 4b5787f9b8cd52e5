// How often somebody may do something.
#pragma once

#include <chrono>
#include <limits>
#include <optional>

#include "model/base/clock.h"

namespace lingula {

// Fills at a rate and holds a burst; both may change between calls. Not thread-safe.
class TokenBucket {
 public:
  // Takes a token; when there is none, takes nothing and returns how long until there is.
  std::optional<std::chrono::microseconds> Take(double per_second, double burst, Instant now);
  // Whether nobody has taken anything lately: a fresh bucket would do as well.
  bool IsFull(double per_second, double burst, Instant now) const;

 private:
  double LevelAt(double per_second, double burst, Instant now) const;

  double level_ = std::numeric_limits<double>::infinity();  // full, whatever the burst
  Instant at_;                                              // when level_ was right
};

}  // namespace lingula
