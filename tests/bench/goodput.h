// Useful answers of a server that is asked for more than it can do.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "tests/bench/figures.h"
#include "tests/bench/inputs.h"
#include "tests/bench/plan.h"
#include "tests/bench/progress.h"
#include "tests/bench/target.h"

namespace lingula::bench {

// How long MeasureGoodput takes.
Plan::Millis GoodputTime(const Plan& plan);

// Adds goodput_ratio_1x ... goodput_ratio_4x and what explains them: answers within their deadline,
// relative to the rate of callers who ask again as soon as they are answered, measured right before
// and right after.
absl::Status MeasureGoodput(const Target& target, const Input& input, uint64_t seed,
                            const Plan& plan, Steps& steps, Figures& figures);

}  // namespace lingula::bench
