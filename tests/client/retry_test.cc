#include "client/retry.h"

#include <string>

#include <gmock/gmock.h>

namespace lingula {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): a table of times
using std::chrono::nanoseconds;

struct Case {
  const char* name;
  int attempts;
  Failure failure;
  nanoseconds left;  // until the deadline
  double random;
  std::optional<nanoseconds> expected;
};

Failure Full() {
  return {absl::StatusCode::kResourceExhausted, std::nullopt, false};
}
Failure Away() {
  return {absl::StatusCode::kUnavailable, std::nullopt, false};
}
Failure Asked(std::chrono::milliseconds wait) {
  return {absl::StatusCode::kUnavailable, wait, false};
}

class RetryTest : public testing::TestWithParam<Case> {};

TEST_P(RetryTest, Decides) {
  const Case& c = GetParam();
  RetryPolicy policy;
  policy.max_attempts = 4;
  policy.first_wait = 100ms;
  policy.longest_wait = 300ms;
  policy.longest_wait_away = 250ms;
  policy.jitter = 0.5;
  const Instant now{5s};
  EXPECT_EQ(WaitBeforeRetry(policy, c.attempts, c.failure, now, now + c.left, c.random),
            c.expected);
}

INSTANTIATE_TEST_SUITE_P(
    All, RetryTest,
    testing::Values(
        Case{"first", 1, Full(), 10s, 0, 100ms}, Case{"second_doubles", 2, Full(), 10s, 0, 200ms},
        Case{"third_is_bounded", 3, Full(), 10s, 0, 300ms},
        Case{"attempts_used_up", 4, Full(), 10s, 0, std::nullopt},
        Case{"away_doubles_too", 2, Away(), 10s, 0, 200ms},
        Case{"away_is_bounded_sooner", 3, Away(), 10s, 0, 250ms},
        Case{"away_is_waited_for_until_the_deadline", 40, Away(), 10s, 0, 250ms},
        Case{"away_and_the_deadline_is_near", 40, Away(), 250ms, 0, std::nullopt},
        Case{"gone_in_mid_call",
             1,
             {absl::StatusCode::kCancelled, std::nullopt, false},
             10s,
             0,
             100ms},
        Case{"jitter_adds", 1, Full(), 10s, 0.5, 125ms},
        Case{"asked_replaces", 1, Asked(1700ms), 10s, 0, 1700ms},
        Case{"asked_may_be_short", 3, Asked(1ms), 10s, 0, 1ms},
        Case{"asked_plus_jitter", 1, Asked(1000ms), 10s, 0.5, 1250ms},
        Case{"forbidden", 1, {absl::StatusCode::kUnavailable, -1ms, true}, 10s, 0, std::nullopt},
        Case{"deadline_comes_first", 1, Full(), 100ms, 0, std::nullopt},
        Case{"deadline_within_jitter", 1, Full(), 110ms, 0.9, std::nullopt},
        Case{"deadline_just_after", 1, Full(), 101ms, 0, 100ms},
        Case{"absurd_request", 1, Asked(std::chrono::milliseconds(1LL << 40)), 10s, 0.9,
             std::nullopt},
        Case{"deadline_passed", 1, Full(), -1s, 0, std::nullopt},
        Case{"bad_argument",
             1,
             {absl::StatusCode::kInvalidArgument, 1ms, false},
             10s,
             0,
             std::nullopt},
        Case{"internal", 1, {absl::StatusCode::kInternal, 1ms, false}, 10s, 0, std::nullopt},
        Case{
            "overdue", 1, {absl::StatusCode::kDeadlineExceeded, 1ms, false}, 10s, 0, std::nullopt}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Retry, OneAttemptMeansOne) {
  RetryPolicy policy;
  policy.max_attempts = 1;
  for (const Failure& failure : {Full(), Away()}) {
    EXPECT_EQ(WaitBeforeRetry(policy, 1, failure, Instant(5s), Instant(50s), 0), std::nullopt);
  }
}

}  // namespace
}  // namespace lingula
