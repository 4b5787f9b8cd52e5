// Where the server's time goes, by its own metrics.
#pragma once

#include "absl/strings/string_view.h"
#include "tests/bench/figures.h"
#include "tests/bench/scrape.h"

namespace lingula::bench {

// Adds stage_percent_decode, ..., and stage_percent_rest: parts of the time from a request's
// arrival to its answer, of the answers between two looks at the metrics. Nothing when there was
// none.
void AddStageShares(const Samples& growth, absl::string_view load, Figures& figures);

}  // namespace lingula::bench
