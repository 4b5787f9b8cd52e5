#include "server/batching/door.h"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>

#include "tests/server/batching/places.h"

namespace lingula {
namespace {

using namespace std::chrono_literals;  // NOLINT
using test::At;
using test::Costs;
using test::Due;
using testing::ElementsAre;
using testing::IsEmpty;

// An engine that takes 10 ms for each sample and gains nothing by batches.
const CostCurve& Plain() {
  static const auto* const kCosts = new CostCurve(Costs(0, 10, 2));
  return *kCosts;
}

Verdict Ask(const std::vector<Place>& places, const Place& newcomer, Instant free_at = At(0)) {
  return JudgeAtDoor(places, newcomer, 8, {free_at}, Plain());
}

TEST(Door, LetsInWhatCanBeFinished) {
  EXPECT_TRUE(Ask({Due(10), Due(30)}, Due(30)).is_admitted);
}

TEST(Door, RefusesWhatCannotAndSaysWhenItWouldFit) {
  const Verdict verdict = Ask({Due(10), Due(20)}, Due(20));
  EXPECT_FALSE(verdict.is_admitted);
  EXPECT_FALSE(verdict.is_full);
  EXPECT_EQ(verdict.retry_after, 10ms);
}

TEST(Door, RefusesWhatWouldMakeAnotherLate) {
  EXPECT_FALSE(Ask({Due(20), Due(25)}, Due(15)).is_admitted);
  EXPECT_TRUE(Ask({Due(20), Due(30)}, Due(15)).is_admitted);
}

TEST(Door, CountsTheBatchThatRuns) {
  EXPECT_TRUE(Ask({}, Due(20), At(10)).is_admitted);
  EXPECT_FALSE(Ask({}, Due(19), At(10)).is_admitted);
}

TEST(Door, AnIdleEngineTakesWhatComes) {
  EXPECT_TRUE(Ask({}, Due(1)).is_admitted);
}

TEST(Door, WithoutDeadlinesOnlyTheNumberCounts) {
  std::vector<Place> places(7, Due(-1));
  EXPECT_TRUE(Ask(places, Due(-1)).is_admitted);
  places.push_back(Due(-1));
  const Verdict verdict = Ask(places, Due(-1));
  EXPECT_FALSE(verdict.is_admitted);
  EXPECT_TRUE(verdict.is_full);
  EXPECT_EQ(verdict.retry_after, 90ms);
}

TEST(Door, TheYoungestOfTheHeaviestCallerGivesWay) {
  std::vector<Place> places = {Due(100, 7), Due(101, 7), Due(102, 7), Due(103, 8)};
  places[1].arrived = At(5);
  const Verdict verdict = JudgeAtDoor(places, Due(104, 9), 4, {At(0)}, Plain());
  EXPECT_TRUE(verdict.is_admitted);
  EXPECT_THAT(verdict.displaced, ElementsAre(1));
}

TEST(Door, NobodyGivesWayForALittleMore) {
  const std::vector<Place> places = {Due(100, 7), Due(101, 8), Due(102, 9), Due(103, 9)};
  const Verdict verdict = JudgeAtDoor(places, Due(104, 7), 4, {At(0)}, Plain());
  EXPECT_FALSE(verdict.is_admitted);
  EXPECT_THAT(verdict.displaced, IsEmpty());
}

TEST(Door, AStreamDoesNotShutOutItsSister) {
  const std::vector<Place> places = {Due(100, 7, 1), Due(101, 7, 1), Due(102, 7, 1)};
  const Verdict verdict = JudgeAtDoor(places, Due(103, 7, 2), 3, {At(0)}, Plain());
  EXPECT_TRUE(verdict.is_admitted);
  EXPECT_THAT(verdict.displaced, ElementsAre(2));
}

TEST(Door, NobodyGivesWayInVain) {
  const std::vector<Place> places = {Due(100, 7), Due(100, 7), Due(100, 7)};
  const Verdict verdict = JudgeAtDoor(places, Due(5, 9), 8, {At(0)}, Plain());
  EXPECT_FALSE(verdict.is_admitted);
  EXPECT_THAT(verdict.displaced, IsEmpty());
}

// The earliest end at which all of `places` can be done, batches chosen as well as possible; max
// when some must be late. With equal work, earliest due first is the best order.
Instant BestEnd(const std::vector<Place>& places, const CostCurve& costs) {
  std::vector<Instant> end(places.size() + 1, Instant::max());
  end[0] = At(0);
  for (size_t from = 0; from < places.size(); ++from) {
    for (int size = 1; size <= costs.max_size() && from + size <= places.size(); ++size) {
      const Instant done =
          end[from] == Instant::max() ? Instant::max() : end[from] + costs.Bound(size);
      if (done <= places[from].deadline) {  // the earliest of the batch
        end[from + size] = std::min(end[from + size], done);
      }
    }
  }
  return end.back();
}

TEST(Door, RarelyRefusesWhatAPerfectPlanCouldFinish) {
  std::mt19937 random(1);
  const auto draw = [&random](int from, int to) {
    return std::uniform_int_distribution<int>(from, to)(random);
  };
  int possible = 0, refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    const CostCurve costs = Costs(draw(0, 20), draw(1, 20), draw(1, 6));
    std::vector<Place> places;
    for (int n = draw(1, 10); n > 0; --n) {
      places.push_back(Due(draw(1, 300)));
    }
    std::sort(places.begin(), places.end(), IsDueEarlier);
    std::vector<Place> others = places;
    const Place newcomer = others[others.size() / 2];
    others.erase(others.begin() + static_cast<int>(others.size() / 2));
    if (others.empty() || BestEnd(others, costs) == Instant::max()) {
      continue;
    }
    const bool fits = BestEnd(places, costs) != Instant::max();
    const bool admitted = JudgeAtDoor(others, newcomer, 99, {At(0)}, costs).is_admitted;
    ASSERT_TRUE(fits || !admitted || others.size() > 10) << "let in what cannot be finished";
    possible += fits ? 1 : 0;
    refused += fits && !admitted ? 1 : 0;
  }
  EXPECT_GT(possible, 3000);
  EXPECT_LT(refused, possible / 100);
}

}  // namespace
}  // namespace lingula
