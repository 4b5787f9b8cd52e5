// What a part of an open load came to.
#pragma once

#include <vector>

#include "tests/bench/ledger.h"
#include "tests/bench/traffic.h"

namespace lingula::bench {

struct Window {
  Nanos from{0}, until{0};  // of the load
};

struct Outcome {
  double useful_per_second = 0;  // answers that came in the window, and in time for their deadline
  FateCounts fates;              // of the requests that were due in the window
  double latest_ms = 0;          // how long after its deadline the latest came
  std::vector<double> useful_ms, refused_ms;  // from when they were due
  std::vector<double> lag_ms;                 // how far the client was behind its schedule
};

// `inputs` are those of the traffic that `requests` were planned from.
Outcome Summarise(const std::vector<Planned>& requests, const std::vector<Traffic::Share>& inputs,
                  const Ledger& ledger, const Window& window);

}  // namespace lingula::bench
