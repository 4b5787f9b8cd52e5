#include "server/batching/schedule.h"

#include <gmock/gmock.h>

#include "tests/server/batching/places.h"

namespace lingula {
namespace {

using test::At;
using test::Costs;
using test::Due;
using testing::ElementsAre;
using testing::IsEmpty;

struct Case {
  const char* name;
  std::vector<Place> places;
  int start_ms, each_ms, max_size;
  int late, end_ms;
};

class PlanAheadTest : public testing::TestWithParam<Case> {};

TEST_P(PlanAheadTest, CountsWhoIsLateAndWhenItEnds) {
  const Case& c = GetParam();
  const Plan plan = PlanAhead(c.places, {At(0)}, Costs(c.start_ms, c.each_ms, c.max_size));
  EXPECT_EQ(plan.late, c.late);
  EXPECT_EQ(plan.end, At(c.end_ms));
}

INSTANTIATE_TEST_SUITE_P(
    All, PlanAheadTest,
    testing::Values(Case{"nothing", {}, 10, 10, 4, 0, 0},
                    Case{"one_batch", {Due(40), Due(50), Due(60)}, 10, 10, 4, 0, 40},
                    Case{"smaller_for_a_deadline", {Due(20), Due(60), Due(60)}, 10, 10, 4, 0, 50},
                    Case{"late_ones_cost_nothing", {Due(5), Due(6), Due(20)}, 10, 10, 4, 2, 20},
                    Case{"no_deadlines", {Due(-1), Due(-1), Due(-1)}, 10, 10, 2, 0, 50}),
    [](const auto& info) { return info.param.name; });

TEST(PlanAhead, InstancesShareTheWork) {
  const Plan plan = PlanAhead({Due(10), Due(10), Due(20)}, {At(0), At(0)}, Costs(0, 10, 1));
  EXPECT_EQ(plan.late, 0);
  EXPECT_EQ(plan.end, At(20));
}

Choice Choose(const std::vector<Place>& places, const CostCurve& costs,
              const Turns& turns = Turns()) {
  return ChooseBatch(places, 0, At(0), {At(0)}, costs, turns, costs.BestSize());
}

TEST(ChooseBatch, IsFairWhenItCanBe) {
  const std::vector<Place> places = {Due(100, 7), Due(110, 7), Due(120, 8)};
  const Choice choice = Choose(places, Costs(10, 10, 2));
  EXPECT_THAT(choice.places, ElementsAre(0, 2));
  EXPECT_FALSE(choice.for_deadline);
}

TEST(ChooseBatch, TakesTheEarliestDueWhenItMust) {
  const std::vector<Place> places = {Due(30, 7), Due(30, 7), Due(120, 8)};
  const Choice choice = Choose(places, Costs(10, 10, 2));
  EXPECT_THAT(choice.places, ElementsAre(0, 1));
  EXPECT_TRUE(choice.for_deadline);
}

TEST(ChooseBatch, ShrinksForADeadline) {
  const Choice choice = Choose({Due(20), Due(100)}, Costs(10, 10, 2));
  EXPECT_THAT(choice.places, ElementsAre(0));
  EXPECT_TRUE(choice.for_deadline);
}

TEST(ChooseBatch, DoesNotSpendTimeOnWhatIsLateAnyway) {
  const Choice choice = Choose({Due(5), Due(25)}, Costs(10, 10, 2));
  EXPECT_THAT(choice.places, ElementsAre(1));
}

TEST(ChooseBatch, TriesOneWhenAllLookHopeless) {
  const Choice choice = Choose({Due(5), Due(8), Due(6)}, Costs(10, 10, 2));
  EXPECT_THAT(choice.places, ElementsAre(1));
  EXPECT_THAT(Choose({}, Costs(10, 10, 2)).places, IsEmpty());
}

TEST(ChooseBatch, KeepsRoomForWhatIsStillBeingDecoded) {
  std::vector<Place> places = {Due(35, 7), Due(-1, 8), Due(-1, 8)};
  places[0].is_ready = false;
  const Choice choice = Choose(places, Costs(10, 10, 2));
  EXPECT_THAT(choice.places, ElementsAre(1, 2)) << "an idle engine does not wait for it";
}

}  // namespace
}  // namespace lingula
