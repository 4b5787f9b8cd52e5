// A load that somebody watches.
#pragma once

#include <functional>

#include "tests/bench/open_load.h"

namespace lingula::bench {

// Like Run, on a thread of its own; `look` is called on this one, at once and then every `period`
// until the load has ended.
void RunInBackground(const OpenLoad& load, Connections& connections, Ledger& ledger, Nanos period,
                     const std::function<void()>& look);

}  // namespace lingula::bench
