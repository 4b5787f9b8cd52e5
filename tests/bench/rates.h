// Images a second: server against engine, engine against plain LibTorch.
#pragma once

#include "absl/status/status.h"
#include "model/engine/engine.h"
#include "model/image/preprocess.h"
#include "tests/bench/eager.h"
#include "tests/bench/figures.h"
#include "tests/bench/plan.h"
#include "tests/bench/progress.h"
#include "tests/bench/server_child.h"

namespace lingula::bench {

// Adds throughput_ratio and what explains it, stage shares included. The server gets pixels of the
// network's own size, so that batching is measured, not JPEG decoding, from more callers than a
// batch holds. Static batches are run
// in one pass on all cores and, where the server has several instances, in as many side by side.
absl::Status MeasureThroughput(const ServerChild& server, Engine& engine, const InputSpec& spec,
                               const Plan& plan, Steps& steps, Figures& figures);

// Adds engine_ratio_vs_eager (the engine as served) and engine_ratio_vs_eager_fp32, batches of 8.
absl::Status MeasureEngines(EagerChild& eager, Engine& engine, Engine& engine_fp32,
                            const InputSpec& spec, const Plan& plan, Steps& steps,
                            Figures& figures);

}  // namespace lingula::bench
