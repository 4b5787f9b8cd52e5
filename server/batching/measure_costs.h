// What an engine costs before its first request.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "model/base/clock.h"
#include "model/engine/engine.h"
#include "server/batching/cost_curve.h"

namespace lingula {

// Runs `sample` in batches of 1, 2, 4, ... and `max_size`, the best of three each: the engine is
// warm already, and what else the machine does would make sizes look worse than they are.
// Meanwhile `instances` - 1 threads run batches of the same size, as they will in a busy server:
// memory that all cores want at once makes large batches dearer than they are alone. Errors   those
// of Engine::Predict.
absl::StatusOr<std::vector<BatchCost>> MeasureCosts(Engine& engine, const Sample& sample,
                                                    int max_size, int instances,
                                                    const Clock& clock);

}  // namespace lingula
