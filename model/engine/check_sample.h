// Whether an engine can take a sample.
#pragma once

#include "absl/status/status.h"
#include "model/engine/engine.h"

namespace lingula {

// INVALID_ARGUMENT with what is wrong: the number of values, guidance that `engine` cannot
// follow, or a second opinion that it cannot give.
absl::Status CheckSample(const Engine& engine, const Sample& sample);

}  // namespace lingula
