#include "tests/bench/traffic.h"

#include <algorithm>
#include <map>

#include <gmock/gmock.h>

namespace lingula::bench {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): many times
using testing::Each;
using testing::Ge;
using testing::Lt;

class ArrivalsTest : public testing::TestWithParam<Pattern> {};

TEST_P(ArrivalsTest, KeepTheRateTheOrderAndTheEnd) {
  std::mt19937_64 random(7);
  const auto arrivals = Arrivals(GetParam(), 10, 100, 1000s, random);
  // The number of bursts has a standard deviation of 100, so that of requests has 1000 at most.
  EXPECT_NEAR(static_cast<double>(arrivals.size()), 100'000, 5000);
  EXPECT_TRUE(std::is_sorted(arrivals.begin(), arrivals.end()));
  EXPECT_THAT(arrivals, Each(Ge(0ns)));
  EXPECT_THAT(arrivals, Each(Lt(1000s)));
}

TEST_P(ArrivalsTest, FollowTheSeed) {
  std::mt19937_64 one(1), same(1), other(2);
  const auto arrivals = Arrivals(GetParam(), 10, 100, 10s, one);
  EXPECT_EQ(arrivals, Arrivals(GetParam(), 10, 100, 10s, same));
  EXPECT_NE(arrivals, Arrivals(GetParam(), 10, 100, 10s, other));
}

INSTANTIATE_TEST_SUITE_P(All, ArrivalsTest, testing::Values(Pattern::kPoisson, Pattern::kBursts),
                         [](const auto& info) {
                           return info.param == Pattern::kPoisson ? "poisson" : "bursts";
                         });

TEST(Arrivals, OfPoissonAreAsOftenShortAfterAnotherAsTheyShouldBe) {
  std::mt19937_64 random(3);
  const auto arrivals = Arrivals(Pattern::kPoisson, 1, 1000, 100s, random);
  int short_gaps = 0;
  for (size_t i = 1; i < arrivals.size(); ++i) {
    short_gaps += arrivals[i] - arrivals[i - 1] < 1ms ? 1 : 0;
  }
  // 1 - 1/e of the gaps of an exponential distribution are shorter than its mean.
  EXPECT_NEAR(static_cast<double>(short_gaps) / static_cast<double>(arrivals.size()), 0.632, 0.01);
}

TEST(Arrivals, OfBurstsComeTogether) {
  std::mt19937_64 random(3);
  const auto arrivals = Arrivals(Pattern::kBursts, 4, 100, 10s, random);
  ASSERT_EQ(arrivals.size() % 4, 0U);
  for (size_t i = 0; i < arrivals.size(); i += 4) {
    EXPECT_EQ(arrivals[i], arrivals[i + 3]);
  }
}

TEST(PlanTraffic, MixesAsTold) {
  Traffic traffic;
  traffic.inputs = {{3}, {1, grpc::StatusCode::INVALID_ARGUMENT}};
  traffic.deadlines = {100ms, 1000ms, std::nullopt};
  traffic.cancelled = 0.2;
  traffic.longest_patience = 500ms;
  std::mt19937_64 random(11);
  const auto plan = PlanTraffic(traffic, 1000, 30s, random);
  const auto all = static_cast<double>(plan.size());
  std::map<int, double> inputs;
  std::map<Millis, double> deadlines;
  double cancelled = 0;
  for (const Planned& request : plan) {
    inputs[request.input] += 1 / all;
    deadlines[request.deadline.value_or(0ms)] += 1 / all;
    if (request.cancel_after.has_value()) {
      cancelled += 1 / all;
      EXPECT_THAT(*request.cancel_after, testing::AllOf(Ge(0ns), Lt(500ms)));
    }
  }
  EXPECT_NEAR(inputs[0], 0.75, 0.02);
  EXPECT_NEAR(inputs[1], 0.25, 0.02);
  EXPECT_NEAR(cancelled, 0.2, 0.02);
  EXPECT_EQ(deadlines.size(), 3U);
  for (const auto& [deadline, share] : deadlines) {
    EXPECT_NEAR(share, 1.0 / 3, 0.02) << deadline.count();
  }
}

}  // namespace
}  // namespace lingula::bench
