// A sample's claim to the engine.
#pragma once

#include <cstdint>

#include "model/base/clock.h"

namespace lingula {

// Between whom an engine is shared out: callers first, then the streams of one caller.
struct Flow {
  uint64_t caller = 0;
  uint64_t stream = 0;
};

// One sample's claim to the engine.
struct Place {
  Flow flow;
  Instant deadline = Instant::max();  // of the forward pass; max: nobody minds
  // By when it should go: its deadline, or its arrival and some patience if that is earlier. Who
  // has no deadline is not overtaken for ever.
  Instant due = Instant::max();
  Instant arrived{};
  bool is_ready = false;  // its pixels are there
};

// The order of places in a queue.
inline bool IsDueEarlier(const Place& a, const Place& b) {
  return a.due < b.due;
}

}  // namespace lingula
