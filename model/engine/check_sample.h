// Whether an engine can take a sample.
#pragma once

#include "absl/status/status.h"
#include "model/engine/engine.h"

namespace lingula {

// INVALID_ARGUMENT with what is wrong: the number of values, or guidance that `engine` cannot
// follow.
absl::Status CheckSample(const Engine& engine, const Sample& sample);

}  // namespace lingula
