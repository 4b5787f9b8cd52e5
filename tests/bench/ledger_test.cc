#include "tests/bench/ledger.h"

#include <string>
#include <thread>

#include <gmock/gmock.h>

namespace lingula::bench {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): many times
using grpc::StatusCode;

struct Case {
  const char* name;
  std::optional<Millis> deadline;
  bool cancelled;
  Answer answer;
  StatusCode expected;
  Fate fate;
};

Answer After(Nanos time, StatusCode code = StatusCode::OK, bool wrong = false, int times = 1) {
  Answer answer;
  answer.times = times;
  answer.code = code;
  answer.wrong = wrong;
  answer.answered = 5s + time;
  return answer;
}

class FateTest : public testing::TestWithParam<Case> {};

TEST_P(FateTest, IsDecided) {
  const Case& c = GetParam();
  Planned request;
  request.at = 5s;
  request.deadline = c.deadline;
  if (c.cancelled) {
    request.cancel_after = 10ms;
  }
  EXPECT_STREQ(NameOf(FateOf(request, c.answer, c.expected)), NameOf(c.fate));
}

constexpr StatusCode kOk = StatusCode::OK;
constexpr StatusCode kBad = StatusCode::INVALID_ARGUMENT;

INSTANTIATE_TEST_SUITE_P(
    All, FateTest,
    testing::Values(
        Case{"in_time", 100ms, false, After(100ms), kOk, Fate::kInTime},
        Case{"in_its_last_millisecond", 100ms, false, After(101ms), kOk, Fate::kInTime},
        Case{"late", 100ms, false, After(101ms + 1ns), kOk, Fate::kLate},
        Case{"no_deadline", std::nullopt, false, After(1h), kOk, Fate::kInTime},
        Case{"cancelled_too_late", 100ms, true, After(5ms), kOk, Fate::kInTime},
        Case{"expired", 100ms, false, After(100ms, StatusCode::DEADLINE_EXCEEDED), kOk,
             Fate::kExpired},
        Case{"never_answered", std::nullopt, false, After(60s, StatusCode::DEADLINE_EXCEEDED), kOk,
             Fate::kBroken},
        Case{"refused", 100ms, false, After(1ms, StatusCode::RESOURCE_EXHAUSTED), kOk,
             Fate::kRefused},
        Case{"bad_input_refused_at_the_door", 100ms, false,
             After(1ms, StatusCode::RESOURCE_EXHAUSTED), kBad, Fate::kRefused},
        Case{"cancelled", 100ms, true, After(10ms, StatusCode::CANCELLED), kOk, Fate::kCancelled},
        Case{"cancelled_by_nobody", 100ms, false, After(10ms, StatusCode::CANCELLED), kOk,
             Fate::kBroken},
        Case{"bad_input", 100ms, false, After(1ms, kBad), kBad, Fate::kBadInput},
        Case{"bad_input_taken_for_good", 100ms, false, After(1ms), kBad, Fate::kBroken},
        Case{"bad_input_with_another_code", 100ms, false, After(1ms, StatusCode::INTERNAL), kBad,
             Fate::kBroken},
        Case{"good_input_taken_for_bad", 100ms, false, After(1ms, kBad), kOk, Fate::kBroken},
        Case{"unavailable", 100ms, false, After(1ms, StatusCode::UNAVAILABLE), kOk, Fate::kBroken},
        Case{"anothers_answer", 100ms, false, After(1ms, kOk, /*wrong=*/true), kOk, Fate::kBroken},
        Case{"answered_twice", 100ms, false, After(1ms, kOk, false, 2), kOk, Fate::kBroken},
        Case{"not_answered", 100ms, false, After(1ms, kOk, false, 0), kOk, Fate::kBroken}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Ledger, KeepsTheFirstAnswerAndCountsTheOthers) {
  Ledger ledger(2);
  ledger.Sent(0, 1ms);
  ledger.Answered(0, StatusCode::RESOURCE_EXHAUSTED, false, 2ms);
  EXPECT_EQ(ledger.answered(), 1U);
  ledger.Answered(0, StatusCode::OK, true, 3ms);
  EXPECT_EQ(ledger.answered(), 1U);
  EXPECT_EQ(ledger[0].times, 2);
  EXPECT_EQ(ledger[0].code, StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_FALSE(ledger[0].wrong);
  EXPECT_EQ(ledger[0].sent, 1ms);
  EXPECT_EQ(ledger[0].answered, 2ms);
  EXPECT_EQ(ledger[1].times, 0);
}

TEST(Ledger, TakesAnswersFromManyThreads) {
  Ledger ledger(4000);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&ledger, t] {
      for (size_t i = t; i < ledger.size(); i += 4) {
        ledger.Sent(i, 1ns);
        ledger.Answered(i, StatusCode::OK, false, 2ns);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(ledger.answered(), ledger.size());
}

TEST(FateCounts, AddUp) {
  FateCounts one, two;
  one.Add(Fate::kInTime);
  one.Add(Fate::kBroken);
  two.Add(Fate::kBroken);
  one += two;
  EXPECT_EQ(one[Fate::kInTime], 1);
  EXPECT_EQ(one[Fate::kBroken], 2);
  EXPECT_EQ(one[Fate::kLate], 0);
  EXPECT_EQ(one.all(), 3);
}

}  // namespace
}  // namespace lingula::bench
