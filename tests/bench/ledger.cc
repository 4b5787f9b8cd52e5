#include "tests/bench/ledger.h"

#include <numeric>

namespace lingula::bench {
namespace {

// gRPC keeps deadlines in whole milliseconds, rounded up.
constexpr Millis kGrain{1};

bool CameInTime(const Planned& request, const Answer& answer) {
  return !request.deadline.has_value() ||
         answer.answered <= request.at + *request.deadline + kGrain;
}

}  // namespace

const char* NameOf(Fate fate) {
  static constexpr const char* kNames[kFates] = {"in_time",   "late",      "expired", "refused",
                                                 "cancelled", "bad_input", "broken"};
  return kNames[static_cast<int>(fate)];
}

Fate FateOf(const Planned& request, const Answer& answer, grpc::StatusCode expected) {
  if (answer.times != 1 || answer.wrong) {
    return Fate::kBroken;
  }
  if (answer.code == grpc::StatusCode::OK && expected == grpc::StatusCode::OK) {
    return CameInTime(request, answer) ? Fate::kInTime : Fate::kLate;
  }
  if (answer.code == grpc::StatusCode::DEADLINE_EXCEEDED && request.deadline.has_value()) {
    return Fate::kExpired;
  }
  if (answer.code == grpc::StatusCode::RESOURCE_EXHAUSTED) {
    return Fate::kRefused;
  }
  if (answer.code == grpc::StatusCode::CANCELLED && request.cancel_after.has_value()) {
    return Fate::kCancelled;
  }
  return answer.code == expected && answer.code != grpc::StatusCode::OK ? Fate::kBadInput
                                                                        : Fate::kBroken;
}

void Ledger::Answered(size_t request, grpc::StatusCode code, bool wrong, Nanos at) {
  Line& line = lines_[request];
  if (line.times.fetch_add(1, std::memory_order_relaxed) > 0) {
    return;  // a fault of its own, seen in `times`; the first answer stands
  }
  line.code = code;
  line.wrong = wrong;
  line.answered = at;
  answered_.fetch_add(1, std::memory_order_relaxed);
}

Answer Ledger::operator[](size_t request) const {
  const Line& line = lines_[request];
  return {line.times.load(std::memory_order_relaxed), line.code, line.wrong, line.sent,
          line.answered};
}

int FateCounts::all() const {
  return std::accumulate(counts_.begin(), counts_.end(), 0);
}

FateCounts& FateCounts::operator+=(const FateCounts& other) {
  for (int i = 0; i < kFates; ++i) {
    counts_[static_cast<size_t>(i)] += other.counts_[static_cast<size_t>(i)];
  }
  return *this;
}

}  // namespace lingula::bench
