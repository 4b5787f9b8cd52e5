#include "client/retry.h"

#include <algorithm>

namespace lingula {

std::optional<std::chrono::nanoseconds> WaitBeforeRetry(const RetryPolicy& policy, int attempts,
                                                        const Failure& failure, Instant now,
                                                        Instant deadline, double random) {
  const bool worth_it = failure.code == absl::StatusCode::kUnavailable ||
                        failure.code == absl::StatusCode::kResourceExhausted;
  if (!worth_it || failure.forbidden || attempts >= policy.max_attempts) {
    return std::nullopt;
  }
  std::chrono::milliseconds wait = policy.first_wait;
  for (int i = 1; i < attempts && wait < policy.longest_wait; ++i) {
    wait *= 2;
  }
  wait = failure.asked.value_or(std::min(wait, policy.longest_wait));
  if (wait >= deadline - now) {  // also keeps absurd requests from overflowing below
    return std::nullopt;
  }
  // Jitter only adds: a server that asked for a pause gets at least that.
  const std::chrono::nanoseconds whole = wait;
  const auto extra = std::chrono::nanoseconds(
      static_cast<int64_t>(static_cast<double>(whole.count()) * policy.jitter * random));
  if (whole + extra >= deadline - now) {
    return std::nullopt;
  }
  return whole + extra;
}

}  // namespace lingula
