#include "tests/bench/counts.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"

namespace lingula::bench {
namespace {

// By gRPC's number.
constexpr const char* kCodes[] = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

bool CallersOwn(const std::string& code) {
  return code == "CANCELLED" || code == "DEADLINE_EXCEEDED";
}

int Of(const Counts& counts, const std::string& code) {
  const auto found = counts.by_code.find(code);
  return found == counts.by_code.end() ? 0 : found->second;
}

}  // namespace

Counts SegmentCounts(const Samples& samples) {
  Counts counts;
  for (const char* code : kCodes) {
    const auto count =
        static_cast<int>(Sum(samples, "lingula_requests_total",
                             {"method=\"Segment\"", absl::StrCat("code=\"", code, "\"")}));
    if (count > 0) {
      counts.by_code[code] = count;
      counts.all += count;
    }
  }
  return counts;
}

Counts CallerCounts(const Ledger& ledger) {
  Counts counts;
  for (size_t i = 0; i < ledger.size(); ++i) {
    ++counts.by_code[kCodes[ledger[i].code]];
  }
  counts.all = static_cast<int>(ledger.size());
  return counts;
}

int Disagreement(const Counts& server, const Counts& callers) {
  int missing = 0, surplus = 0;
  for (const char* code : kCodes) {
    const int more = Of(server, code) - Of(callers, code);
    if (!CallersOwn(code)) {
      missing += std::max(-more, 0);
      surplus += std::max(more, 0);
    }
  }
  const int given_up = Of(callers, "CANCELLED") + Of(callers, "DEADLINE_EXCEEDED");
  return missing + std::max(surplus - given_up, 0) + std::max(server.all - callers.all, 0);
}

absl::StatusOr<Counts> CountsOf(const Target& target) {
  if (target.metrics.empty()) {
    return Counts();
  }
  LINGULA_ASSIGN_OR_RETURN(const Samples samples, Scrape(target.metrics));
  return SegmentCounts(samples);
}

absl::Status CompareCounts(const Target& target, const Counts& before, const Ledger& ledger,
                           Figures& figures) {
  if (target.metrics.empty()) {
    return absl::OkStatus();
  }
  Counts server;
  // Work whose caller has gone may still be on its way through the server.
  for (int last = -1; server.all != last;) {
    last = server.all;
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    LINGULA_ASSIGN_OR_RETURN(server, CountsOf(target));
  }
  for (const auto& [code, count] : before.by_code) {
    server.by_code[code] -= count;
  }
  server.all -= before.all;
  figures.Add(
      "mixed_miscounted", Disagreement(server, CallerCounts(ledger)),
      absl::StrCat("answers that the server's metrics do not agree on; it counted ", server.all),
      AtMost(0));
  return absl::OkStatus();
}

}  // namespace lingula::bench
