// When to try again. Decides only; the client does the waiting.
#pragma once

#include <chrono>
#include <optional>

#include "absl/status/status.h"
#include "model/base/clock.h"

namespace lingula {

// Only UNAVAILABLE and RESOURCE_EXHAUSTED are tried again: all calls of this API may be repeated,
// but nothing else gets better by waiting.
struct RetryPolicy {
  int max_attempts = 4;                          // the first one included; 1: never again
  std::chrono::milliseconds first_wait{100};     // doubles with each attempt
  std::chrono::milliseconds longest_wait{5000};  // of a wait that the server did not ask for
  double jitter = 0.25;                          // waits grow by up to this share, at random
};

// What a failed attempt taught.
struct Failure {
  absl::StatusCode code = absl::StatusCode::kUnavailable;
  // What the server asked for (grpc-retry-pushback-ms, else google.rpc.RetryInfo). It replaces the
  // client's own wait.
  std::optional<std::chrono::milliseconds> asked;
  bool forbidden = false;  // the server asked not to come back
};

// How long to wait before attempt number `attempts` + 1, or nothing: give up. Never a wait that
// would reach `deadline`. `random` is in [0, 1).
std::optional<std::chrono::nanoseconds> WaitBeforeRetry(const RetryPolicy& policy, int attempts,
                                                        const Failure& failure, Instant now,
                                                        Instant deadline, double random);

}  // namespace lingula
