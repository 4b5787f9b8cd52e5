// What one caller pays for asking a server instead of calling the engine.
#pragma once

#include "absl/status/status.h"
#include "model/engine/engine.h"
#include "model/image/preprocess.h"
#include "tests/bench/figures.h"
#include "tests/bench/plan.h"
#include "tests/bench/progress.h"
#include "tests/bench/server_child.h"

namespace lingula::bench {

// Adds own_cost_us_p50, own_cost_us_p99, grpc_echo_us_p50 and what explains them. Own cost is the
// time of an answer less that of bare decoding, preprocessing and a forward pass of the same
// picture right before or after it; what is left is transport, queue, hand-overs, rendering and
// encoding.
absl::Status MeasureOwnCost(ServerChild& server, Engine& engine, const InputSpec& spec,
                            const Plan& plan, Steps& steps, Figures& figures);

}  // namespace lingula::bench
