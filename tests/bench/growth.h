// How a server's cost grows with what is asked of it and what it is given.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "lingula/v1/segmentation.grpc.pb.h"
#include "model/bundle/bundle.h"
#include "tests/bench/figures.h"
#include "tests/bench/plan.h"
#include "tests/bench/progress.h"
#include "tests/bench/target.h"

namespace lingula::bench {

// One caller who asks again as soon as it is answered: medians, milliseconds.
struct OneByOne {
  double answer_ms = 0;
  double beside_network_ms = 0;  // of it, what the forward pass did not take (receipt)
};
absl::StatusOr<OneByOne> AskOneByOne(lingula::v1::Segmentation::Stub& stub,
                                     const lingula::v1::SegmentRequest& request,
                                     Plan::Millis duration);

// Each adds a table. `bundle` is served, with the defaults of the configuration but for what the
// table is about; each starts its own servers, one after the other.
// Pictures of 224 to 4096 pixels a side, as pixels, PNG and JPEG.
absl::Status MeasureSizes(const Bundle& bundle, const Plan& plan, Steps& steps, Figures& figures);
// max_batch_size of 1 to 16 beside its engine in batches of that size.
absl::Status MeasureBatches(const Bundle& bundle, const Plan& plan, Steps& steps, Figures& figures);
// One model to all of the repository.
absl::Status MeasureModels(const Bundle& bundle, const Plan& plan, Steps& steps, Figures& figures);
// One core to all, by settings of `cpu`.
absl::Status MeasureCores(const Bundle& bundle, const Plan& plan, Steps& steps, Figures& figures);
// One camera to sixteen; `bundle` is the one for streams.
absl::Status MeasureCameras(const Bundle& bundle, uint64_t seed, const Plan& plan, Steps& steps,
                            Figures& figures);

}  // namespace lingula::bench
