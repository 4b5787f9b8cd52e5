// How often a server asks for heap memory to answer one request.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "model/bundle/bundle.h"
#include "tests/bench/figures.h"
#include "tests/bench/plan.h"
#include "tests/bench/progress.h"

namespace lingula::bench {

// Adds a table: allocations and their bytes for one request of each kind, one at a time, in a
// server whose every allocation is counted; the same of a bare forward pass; and what is left.
absl::Status MeasureAllocations(const Bundle& bundle, const Plan& plan, Steps& steps,
                                Figures& figures);

// Makes lingula-bench the process whose forward passes are counted.
inline constexpr char kEngineFlag[] = "--engine-child";
// That process: for each line "<count>" on standard input runs so many forward passes of one image,
// then prints "done". Returns the exit code at the end of the input.
int RunEngine(const std::string& bundle);

}  // namespace lingula::bench
