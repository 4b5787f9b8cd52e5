// A long time at half the peak: does the server grow?
#pragma once

#include <chrono>
#include <cstdint>

#include "absl/status/status.h"
#include "tests/bench/figures.h"
#include "tests/bench/progress.h"
#include "tests/bench/target.h"

namespace lingula::bench {

// Mixed requests (mixed.h), good and bad, for `duration`. Adds what became of them and the slope of
// the server's resident memory after a warm-up of a tenth of the time.
absl::Status MeasureSoak(const Target& target, int side_px, uint64_t seed,
                         std::chrono::seconds duration, Figures& figures);

}  // namespace lingula::bench
