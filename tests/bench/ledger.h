// What became of each request of a load.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <grpcpp/support/status_code_enum.h>

#include "tests/bench/traffic.h"

namespace lingula::bench {

enum class Fate {
  kInTime,     // OK before its deadline, to a millisecond
  kLate,       // OK after it
  kExpired,    // DEADLINE_EXCEEDED
  kRefused,    // RESOURCE_EXHAUSTED
  kCancelled,  // by its caller
  kBadInput,   // a bad input, refused with the code that it deserves
  kBroken,     // anything else: no answer, another's answer, a code that nobody deserved
};
inline constexpr int kFates = 7;
// "in_time", "late", ...: a part of a figure's key.
const char* NameOf(Fate fate);

// One request's line.
struct Answer {
  int times = 0;  // how often it was answered; anything but 1 is a fault
  grpc::StatusCode code = grpc::StatusCode::OK;
  bool wrong = false;  // OK, but not what this request should get
  Nanos sent{0};       // from the beginning of the load; after Planned::at by what the client lags
  Nanos answered{0};   // likewise
};

Fate FateOf(const Planned& request, const Answer& answer, grpc::StatusCode expected);

// A line for each request of one load.
// Threads  Sent and Answered may be called by any thread, each line's Sent before its Answered; the
//          lines are read when the load has ended. answered() at any time.
class Ledger {
 public:
  explicit Ledger(size_t requests) : lines_(requests) {}

  void Sent(size_t request, Nanos at) { lines_[request].sent = at; }
  void Answered(size_t request, grpc::StatusCode code, bool wrong, Nanos at);

  size_t size() const { return lines_.size(); }
  size_t answered() const { return answered_.load(std::memory_order_relaxed); }
  Answer operator[](size_t request) const;

 private:
  struct Line {
    std::atomic<int> times{0};
    grpc::StatusCode code = grpc::StatusCode::OK;
    bool wrong = false;
    Nanos sent{0}, answered{0};
  };
  std::vector<Line> lines_;
  std::atomic<size_t> answered_{0};
};

// How many requests had each fate.
class FateCounts {
 public:
  void Add(Fate fate) { ++counts_[static_cast<size_t>(fate)]; }
  int operator[](Fate fate) const { return counts_[static_cast<size_t>(fate)]; }
  int all() const;
  FateCounts& operator+=(const FateCounts& other);

 private:
  std::array<int, kFates> counts_{};
};

}  // namespace lingula::bench
