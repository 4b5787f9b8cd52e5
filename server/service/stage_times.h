// Where the time of a request goes.
#pragma once

#include <array>

#include "model/base/clock.h"
#include "server/metrics/metrics.h"

namespace lingula {

// Microseconds of each stage.
struct StageTimes {
  std::array<unsigned, kStages> us{};
  unsigned& operator[](Stage stage) { return us[static_cast<size_t>(stage)]; }
  unsigned operator[](Stage stage) const { return us[static_cast<size_t>(stage)]; }
};

// Runs `step` and keeps how long it took.
template <typename Step>
auto Timed(const Clock& clock, unsigned& us, const Step& step) {
  const Instant start = clock.Now();
  auto result = step();
  us = MicrosBetween(start, clock.Now());
  return result;
}

}  // namespace lingula
