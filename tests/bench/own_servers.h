// Parts that start servers of their own, each set up for what it measures.
#pragma once

#include "absl/status/status.h"
#include "model/bundle/bundle.h"
#include "tests/bench/figures.h"
#include "tests/bench/measure.h"
#include "tests/bench/progress.h"

namespace lingula::bench {

absl::Status MeasureWithOwnServers(const Bundle& bundle, const Wanted& wanted, Steps& steps,
                                   Figures& figures);
Plan::Millis OwnServersTime(const Wanted& wanted);

}  // namespace lingula::bench
