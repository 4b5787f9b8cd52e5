// Callers who ask again as soon as they are answered.
#pragma once

#include <chrono>

#include "absl/status/statusor.h"
#include "tests/bench/wire.h"

namespace lingula::bench {

struct LoadResult {
  double images_per_second = 0;
  double mean_batch = 0;  // of the batches that answers came from
};

// `callers` calls are on their way at any time, for a short run-up and then `duration`; only
// answers of the latter count. Blocks until the last call has ended. The first failed call ends the
// load and is the error.
absl::StatusOr<LoadResult> RunLoad(Connections& connections, const Payload& payload, int callers,
                                   std::chrono::milliseconds duration);

}  // namespace lingula::bench
