#include "tests/bench/scale/fleet.h"

#include <gtest/gtest.h>

#include "tests/bench/scale/simulate_day.h"

namespace lingula::bench {
namespace {

// Ten milliseconds a picture, by one instance: 100 a second.
FleetOptions Options() {
  FleetOptions options;
  options.replica.costs = {{1, std::chrono::milliseconds(10)}, {8, std::chrono::milliseconds(80)}};
  return options;
}

// One picture every 1 / rate seconds.
void Offer(Fleet& fleet, double seconds, double rate, double patience_s) {
  const double start = fleet.now_s();
  for (int i = 1; i <= seconds * rate; ++i) {
    fleet.RunUntil(start + i / rate);
    fleet.Arrive(patience_s);
    if (static_cast<int>(i / rate) % 15 == 0 && static_cast<int>((i - 1) / rate) % 15 == 14) {
      fleet.Scrape();
    }
  }
}

TEST(Fleet, EachPictureIsCountedOnce) {
  Fleet fleet(Options());
  fleet.SetReplicas(2, true);
  Offer(fleet, 20, 500, 0.2);  // more than twice what they can do
  fleet.RunUntil(30);
  const Counts total = fleet.Total();
  EXPECT_EQ(total.answered + total.refused + total.expired, 10'000U);
  EXPECT_EQ(fleet.latencies_ms().size(), total.answered);
  EXPECT_NEAR(static_cast<double>(total.answered), 20 * 200, 300);
  EXPECT_LE(Quantile(fleet.latencies_ms(), 1), 200);
  EXPECT_NEAR(total.busy_s, 40, 2);
}

TEST(Fleet, FiguresAreThoseOfTheRules) {
  Fleet fleet(Options());
  fleet.SetReplicas(1, true);
  Offer(fleet, 61, 50, 1);
  ASSERT_TRUE(fleet.figures().at(0).has_value());
  EXPECT_NEAR(fleet.figures().at(0)->busy, 0.5, 0.02);
  EXPECT_NEAR(fleet.figures().at(0)->offered_load, 0.5, 0.02);
  EXPECT_LT(fleet.figures().at(0)->queue_delay_s, 0.001);
  Offer(fleet, 75, 200, 1);
  EXPECT_NEAR(fleet.figures().at(0)->busy, 1, 0.02) << "cannot rise any more";
  EXPECT_NEAR(fleet.figures().at(0)->offered_load, 2, 0.1) << "but this can";
  EXPECT_GT(fleet.figures().at(0)->queue_delay_s, 0.5);
}

TEST(Fleet, NewcomersServeLaterAndWhoGoesFinishes) {
  Fleet fleet(Options());
  fleet.SetReplicas(1);
  fleet.Arrive(1);
  EXPECT_EQ(fleet.turned_away(), 1U) << "it is starting";
  fleet.RunUntil(46);
  fleet.Arrive(1);
  fleet.SetReplicas(0);
  fleet.RunUntil(47);
  EXPECT_EQ(fleet.Total().answered, 1U);
}

TEST(Fleet, BalancersSpreadTheLoad) {
  const auto p99 = [](Balance balance) {
    FleetOptions options = Options();
    options.balance = balance;
    Fleet fleet(options);
    fleet.SetReplicas(8, true);
    Offer(fleet, 30, 500, 2);
    fleet.RunUntil(40);
    return Quantile(fleet.latencies_ms(), 0.99);
  };
  EXPECT_LT(p99(Balance::kRoundRobin), 100);
  EXPECT_LT(p99(Balance::kLeastRequest), 100);
  EXPECT_GT(p99(Balance::kPinned), 300) << "some replicas have twice the callers of others";
}

TEST(Day, TheAutoscalerFollowsTheMorning) {
  DayOptions options;
  options.fleet = Options();
  options.peak = 400;
  options.from_h = 7;
  options.to_h = 8.5;
  const DayOutcome fixed = SimulateDay(options, {"two", 0, 0, 0, 2});
  const DayOutcome scaled = SimulateDay(options, {"offered load", 0, 0, 0.6, 2});
  EXPECT_EQ(fixed.most_replicas, 2);
  EXPECT_GT(fixed.refused_share, 0.1);
  EXPECT_GE(scaled.most_replicas, 5);
  EXPECT_LT(scaled.refused_share, 0.01);
}

}  // namespace
}  // namespace lingula::bench
