#include "tests/bench/outcome.h"

#include <gmock/gmock.h>

namespace lingula::bench {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): many times
using grpc::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;

Planned Due(Nanos at) {
  Planned request;
  request.at = at;
  request.deadline = 500ms;
  return request;
}

TEST(Summarise, CountsAnswersByWhenTheyCameAndFatesByWhenTheyWereDue) {
  const std::vector<Planned> requests = {Due(1900ms), Due(2000ms), Due(2100ms),
                                         Due(3900ms), Due(3950ms), Due(4000ms)};
  Ledger ledger(requests.size());
  const auto answer = [&](size_t i, StatusCode code, Millis after) {
    ledger.Sent(i, requests[i].at + 1ms);
    ledger.Answered(i, code, false, requests[i].at + after);
  };
  answer(0, StatusCode::OK, 200ms);  // due before, useful within
  answer(1, StatusCode::OK, 300ms);  // both within
  answer(2, StatusCode::RESOURCE_EXHAUSTED, 2ms);
  answer(3, StatusCode::OK, 400ms);  // due within, came after
  answer(4, StatusCode::DEADLINE_EXCEEDED, 500ms);
  answer(5, StatusCode::OK, 10ms);  // after
  const Outcome outcome = Summarise(requests, Traffic().inputs, ledger, {2s, 4s});
  EXPECT_EQ(outcome.useful_per_second, 1.0);  // two in two seconds
  EXPECT_EQ(outcome.fates.all(), 4);
  EXPECT_EQ(outcome.fates[Fate::kInTime], 2);
  EXPECT_EQ(outcome.fates[Fate::kRefused], 1);
  EXPECT_EQ(outcome.fates[Fate::kExpired], 1);
  EXPECT_THAT(outcome.useful_ms, ElementsAre(300, 400));
  EXPECT_THAT(outcome.refused_ms, ElementsAre(2));
  EXPECT_THAT(outcome.lag_ms, ElementsAre(1, 1, 1, 1));
}

TEST(Summarise, LateAnswersAreNotUseful) {
  const std::vector<Planned> requests = {Due(0ns)};
  Ledger ledger(1);
  ledger.Answered(0, StatusCode::OK, false, 503ms);
  const Outcome outcome = Summarise(requests, Traffic().inputs, ledger, {0s, 1s});
  EXPECT_EQ(outcome.useful_per_second, 0);
  EXPECT_EQ(outcome.fates[Fate::kLate], 1);
  EXPECT_THAT(outcome.useful_ms, IsEmpty());
  EXPECT_EQ(outcome.latest_ms, 3);
}

}  // namespace
}  // namespace lingula::bench
