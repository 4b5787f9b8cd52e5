#include "client/retry.h"

#include <algorithm>

namespace lingula {

std::optional<std::chrono::nanoseconds> WaitBeforeRetry(const RetryPolicy& policy, int attempts,
                                                        const Failure& failure, Instant now,
                                                        Instant deadline, double random) {
  const bool away = IsAway(failure.code);
  const bool full = failure.code == absl::StatusCode::kResourceExhausted;
  const bool enough = policy.max_attempts == 1 || (full && attempts >= policy.max_attempts);
  if ((!away && !full) || failure.forbidden || enough) {
    return std::nullopt;
  }
  const std::chrono::milliseconds longest = away ? policy.longest_wait_away : policy.longest_wait;
  std::chrono::milliseconds wait = policy.first_wait;
  for (int i = 1; i < attempts && wait < longest; ++i) {
    wait *= 2;
  }
  wait = failure.asked.value_or(std::min(wait, longest));
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
