// The parts of a run of lingula-bench, one after another.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "model/bundle/bundle.h"
#include "tests/bench/figures.h"
#include "tests/bench/plan.h"
#include "tests/bench/target.h"

namespace lingula::bench {

// Names of parts, as --only takes them.
inline constexpr char kOwnCost[] = "own_cost";
inline constexpr char kThroughput[] = "throughput";
inline constexpr char kGoodput[] = "goodput";
inline constexpr char kMixed[] = "mixed";
inline constexpr char kEngines[] = "engines";
inline constexpr char kStreams[] = "streams";
inline constexpr char kAllocations[] = "allocations";
inline constexpr char kGrowth[] = "growth";  // only when it is named

struct Wanted {
  Plan plan;
  std::set<std::string> parts = {kOwnCost, kThroughput, kGoodput,    kMixed,
                                 kEngines, kStreams,    kAllocations};
  std::string stream_bundle;                 // folder of what serves streams
  std::optional<std::chrono::seconds> soak;  // then nothing else is measured
  uint64_t seed = 1;
  std::string cpu;  // `cpu` of the server's configuration, text format; empty: its defaults

  bool Has(const char* part) const { return !soak.has_value() && parts.count(part) > 0; }
};

// A server of its own, with `bundle` and, but for `cpu`, the defaults of its configuration. Call it
// on the main thread: tests/bench/child.h.
absl::StatusOr<Figures> MeasureOwnServer(const Bundle& bundle, const Wanted& wanted);

// A server that runs elsewhere: only what needs no engine beside it.
absl::StatusOr<Figures> MeasureServerAt(const Target& target, const Wanted& wanted);

}  // namespace lingula::bench
