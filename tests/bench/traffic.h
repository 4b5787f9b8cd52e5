// What is sent when, decided before anything is sent: an open load does not wait for answers, so a
// slow server cannot make its callers ask less (coordinated omission).
#pragma once

#include <chrono>
#include <optional>
#include <random>
#include <vector>

#include <grpcpp/support/status_code_enum.h>

namespace lingula::bench {

using Nanos = std::chrono::nanoseconds;
using Millis = std::chrono::milliseconds;

// How arrivals are spread over time; the mean rate is the same.
enum class Pattern { kPoisson, kBursts };

// One request of a schedule.
struct Planned {
  Nanos at{0};                        // from the beginning of the load
  int input = 0;                      // which of the load's inputs
  std::optional<Millis> deadline;     // after `at`; none: it may take as long as it takes
  std::optional<Nanos> cancel_after;  // after `at`
};

// What requests are like. Every choice is made for each request on its own.
struct Traffic {
  struct Share {
    double weight = 1;  // against the other inputs
    // What the input is worth: OK, or the code that a server must refuse it with.
    grpc::StatusCode expected = grpc::StatusCode::OK;
  };
  std::vector<Share> inputs = {{}};
  std::vector<std::optional<Millis>> deadlines = {std::nullopt};  // each as likely as another
  double cancelled = 0;                                           // share that its caller gives up
  Millis longest_patience{2000};  // such a caller leaves at any moment until then
  Pattern pattern = Pattern::kPoisson;
  int burst = 16;  // kBursts: requests that come at once
};

// Moments in [0, duration), ascending, `per_second` of them in the mean.
std::vector<Nanos> Arrivals(Pattern pattern, int burst, double per_second, Nanos duration,
                            std::mt19937_64& random);

// A schedule of `traffic`. The same state of `random` gives the same schedule.
std::vector<Planned> PlanTraffic(const Traffic& traffic, double per_second, Nanos duration,
                                 std::mt19937_64& random);

}  // namespace lingula::bench
