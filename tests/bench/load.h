// Callers who ask again as soon as they are answered.
#pragma once

#include <chrono>

#include "absl/status/statusor.h"
#include "lingula/v1/segmentation.grpc.pb.h"

namespace lingula::bench {

struct LoadResult {
  double images_per_second = 0;
  double mean_batch = 0;  // of the batches that answers came from
};

// `callers` calls are on their way at any time, for a short run-up and then `duration`; only
// answers of the latter count. Blocks until the last call has ended. The first failed call ends the
// load and is the error.
absl::StatusOr<LoadResult> RunLoad(lingula::v1::Segmentation::Stub& stub,
                                   const lingula::v1::SegmentRequest& request, int callers,
                                   std::chrono::milliseconds duration);

}  // namespace lingula::bench
