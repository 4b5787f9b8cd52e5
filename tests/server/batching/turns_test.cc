#include "server/batching/turns.h"

#include <gmock/gmock.h>

#include "tests/server/batching/places.h"

namespace lingula {
namespace {

using test::Due;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Turns, OneCallerIsServedByDueTime) {
  EXPECT_THAT(Turns().Draw({Due(1), Due(2), Due(3)}, 2), ElementsAre(0, 1));
}

TEST(Turns, ABurstDoesNotShutOthersOut) {
  const std::vector<Place> places = {Due(1, 7), Due(2, 7), Due(3, 7), Due(4, 8), Due(5, 9)};
  EXPECT_THAT(Turns().Draw(places, 3), ElementsAre(0, 3, 4));
}

TEST(Turns, StreamsShareWhatTheirCallerGets) {
  const std::vector<Place> places = {Due(1, 7, 1), Due(2, 7, 1), Due(3, 7, 2), Due(4, 8)};
  EXPECT_THAT(Turns().Draw(places, 3), ElementsAre(0, 2, 3));
}

TEST(Turns, WhatIsNotReadyIsNotDrawn) {
  std::vector<Place> places = {Due(1), Due(2)};
  places[0].is_ready = false;
  EXPECT_THAT(Turns().Draw(places, 2), ElementsAre(1));
  EXPECT_THAT(Turns().Draw({}, 2), IsEmpty());
}

TEST(Turns, WhoHadLessGoesNext) {
  Turns turns;
  const std::vector<Place> places = {Due(1, 7), Due(2, 8)};
  turns.Spend(places, {0});
  EXPECT_THAT(turns.Draw(places, 1), ElementsAre(1));
}

TEST(Turns, WhoPausedIsNotOwedThePast) {
  Turns turns;
  for (int i = 0; i < 5; ++i) {
    turns.Spend({Due(1, 7)}, {0});
  }
  const std::vector<Place> both = {Due(1, 7), Due(2, 7), Due(3, 8), Due(4, 8)};
  EXPECT_THAT(turns.Draw(both, 2), ElementsAre(0, 2)) << "the newcomer does not get five first";
}

TEST(Turns, AWaitingCallerIsNeverPassedTwice) {
  Turns turns;
  const std::vector<Place> places = {Due(1, 7), Due(2, 8)};
  int second = 0;
  for (int i = 0; i < 10; ++i) {
    const std::vector<int> drawn = turns.Draw(places, 1);
    second += drawn[0];
    turns.Spend(places, drawn);
  }
  EXPECT_EQ(second, 5);
}

}  // namespace
}  // namespace lingula
