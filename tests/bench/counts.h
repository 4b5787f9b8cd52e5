// What the server counted, against what its callers saw.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "tests/bench/figures.h"
#include "tests/bench/ledger.h"
#include "tests/bench/scrape.h"
#include "tests/bench/target.h"

namespace lingula::bench {

// Answers to Segment, by code.
struct Counts {
  std::map<std::string, int> by_code;
  int all = 0;
};
Counts SegmentCounts(const Samples& samples);
Counts CallerCounts(const Ledger& ledger);

// How many answers the two cannot agree on. A caller who gives up may never be heard of by the
// server, or be answered without hearing it, so a server may have counted more answers of a code
// than callers got, up to as many as ended with the callers' own CANCELLED or DEADLINE_EXCEEDED,
// but never fewer of any other code, and never more than were sent.
int Disagreement(const Counts& server, const Counts& callers);

// Nothing when the target has no metrics.
absl::StatusOr<Counts> CountsOf(const Target& target);
// Adds mixed_miscounted, the disagreement about what came since `before`.
absl::Status CompareCounts(const Target& target, const Counts& before, const Ledger& ledger,
                           Figures& figures);

}  // namespace lingula::bench
