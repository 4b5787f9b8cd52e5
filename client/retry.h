// When to try again. Decides only; the client does the waiting.
#pragma once

#include <chrono>
#include <optional>

#include "absl/status/status.h"
#include "model/base/clock.h"

namespace lingula {

// A server can be full (RESOURCE_EXHAUSTED) or away (UNAVAILABLE; CANCELLED too, since this client
// cancels nothing: that is how gRPC ends a call which meets a server that shuts down). Only these
// are tried again: all calls of this API may be repeated, but nothing else gets better by waiting.
// A full server is left alone after a few attempts; one that is away is waited for until the
// call's deadline, so that a restart fails no call.
struct RetryPolicy {
  int max_attempts = 4;                          // while full; the first included; 1: never again
  std::chrono::milliseconds first_wait{100};     // doubles with each attempt
  std::chrono::milliseconds longest_wait{5000};  // while full; the server may ask for more
  std::chrono::milliseconds longest_wait_away{1000};  // it may be back at any moment
  double jitter = 0.25;                               // waits grow by up to this share, at random
};

// What a failed attempt taught.
struct Failure {
  absl::StatusCode code = absl::StatusCode::kUnavailable;
  // What the server asked for (grpc-retry-pushback-ms, else google.rpc.RetryInfo). It replaces the
  // client's own wait.
  std::optional<std::chrono::milliseconds> asked;
  bool forbidden = false;  // the server asked not to come back
};

inline bool IsAway(absl::StatusCode code) {
  return code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kCancelled;
}

// How long to wait before the next attempt, or nothing: give up. `attempts` have failed like this
// one, the server being full or away. Never a wait that would reach `deadline`. `random` is in
// [0, 1).
std::optional<std::chrono::nanoseconds> WaitBeforeRetry(const RetryPolicy& policy, int attempts,
                                                        const Failure& failure, Instant now,
                                                        Instant deadline, double random);

}  // namespace lingula
