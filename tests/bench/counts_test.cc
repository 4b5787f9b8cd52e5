#include "tests/bench/counts.h"

#include <gmock/gmock.h>

namespace lingula::bench {
namespace {

Counts Of(std::map<std::string, int> by_code) {
  Counts counts;
  for (const auto& [code, count] : by_code) {
    counts.all += count;
  }
  counts.by_code = std::move(by_code);
  return counts;
}

TEST(Counts, AgreeWhenEqual) {
  const Counts both = Of({{"OK", 5}, {"RESOURCE_EXHAUSTED", 7}, {"CANCELLED", 2}});
  EXPECT_EQ(Disagreement(both, both), 0);
}

TEST(Counts, AServerMayAnswerACallerWhoHasGone) {
  const Counts callers = Of({{"OK", 5}, {"DEADLINE_EXCEEDED", 2}, {"CANCELLED", 1}});
  EXPECT_EQ(Disagreement(Of({{"OK", 8}}), callers), 0);
  EXPECT_EQ(Disagreement(Of({{"OK", 6}, {"RESOURCE_EXHAUSTED", 1}}), callers), 0);
  EXPECT_EQ(Disagreement(Of({{"OK", 5}}), callers), 0);  // never heard of the others
}

TEST(Counts, AServerNeverAnswersMoreOrLessThanThat) {
  const Counts callers = Of({{"OK", 5}, {"NOT_FOUND", 2}, {"CANCELLED", 1}});
  EXPECT_EQ(Disagreement(Of({{"OK", 5}, {"NOT_FOUND", 1}, {"CANCELLED", 1}}), callers), 1);
  EXPECT_GT(Disagreement(Of({{"OK", 7}, {"NOT_FOUND", 2}}), callers), 0);
  EXPECT_GT(Disagreement(Of({{"OK", 5}, {"NOT_FOUND", 2}, {"CANCELLED", 2}}), callers), 0);
}

TEST(Counts, OfTheServerAreThoseOfSegment) {
  const Counts counts = SegmentCounts(
      ParseSamples("lingula_requests_total{code=\"OK\",method=\"Segment\",model=\"a@1\"} 3\n"
                   "lingula_requests_total{code=\"OK\",method=\"Segment\",model=\"b@1\"} 4\n"
                   "lingula_requests_total{code=\"NOT_FOUND\",method=\"Segment\",model=\"\"} 1\n"
                   "lingula_requests_total{code=\"OK\",method=\"GetModel\",model=\"a@1\"} 9\n"));
  EXPECT_EQ(counts.all, 8);
  EXPECT_EQ(counts.by_code.at("OK"), 7);
  EXPECT_EQ(counts.by_code.at("NOT_FOUND"), 1);
}

TEST(Counts, OfCallersAreTheirCodes) {
  Ledger ledger(3);
  ledger.Answered(0, grpc::StatusCode::OK, false, Nanos(1));
  ledger.Answered(1, grpc::StatusCode::RESOURCE_EXHAUSTED, false, Nanos(1));
  ledger.Answered(2, grpc::StatusCode::RESOURCE_EXHAUSTED, false, Nanos(1));
  const Counts counts = CallerCounts(ledger);
  EXPECT_EQ(counts.all, 3);
  EXPECT_EQ(counts.by_code.at("OK"), 1);
  EXPECT_EQ(counts.by_code.at("RESOURCE_EXHAUSTED"), 2);
}

}  // namespace
}  // namespace lingula::bench
