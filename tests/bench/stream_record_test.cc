#include "tests/bench/stream_record.h"

#include <gmock/gmock.h>

namespace lingula::bench {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr Millis kPeriod{100};

StreamRecord Stream(int frames) {
  std::vector<Nanos> due;
  for (int i = 0; i < frames; ++i) {
    due.push_back(i * kPeriod);
  }
  return StreamRecord(due);
}

TEST(FrameDues, EveryCameraKeepsItsPaceAtItsOwnPhase) {
  std::mt19937_64 random(7);
  const auto dues = FrameDues(3, 5, 10, random);
  ASSERT_THAT(dues, SizeIs(3));
  for (const std::vector<Nanos>& due : dues) {
    ASSERT_THAT(due, SizeIs(5));
    EXPECT_GE(due[0], Nanos(0));
    EXPECT_LT(due[0], kPeriod);
    for (size_t i = 1; i < due.size(); ++i) {
      EXPECT_NEAR((due[i] - due[i - 1]).count(), 1e8, 1);
    }
  }
  EXPECT_NE(dues[0][0], dues[1][0]);
  std::mt19937_64 again(7);
  EXPECT_EQ(FrameDues(3, 5, 10, again), dues);
}

TEST(StreamRecord, EveryFrameHasOneFate) {
  StreamRecord stream = Stream(5);
  stream.Answered(1, FrameFate::kMask, Millis(20));
  stream.Answered(2, FrameFate::kDropped, Millis(150));
  stream.Answered(3, FrameFate::kFailed, Millis(210));
  stream.Answered(5, FrameFate::kMask, Millis(500));
  const StreamOutcome outcome = Summarise({stream});
  EXPECT_EQ(outcome.frames, 5);
  EXPECT_EQ(outcome.masks, 2);
  EXPECT_EQ(outcome.dropped, 1);
  EXPECT_EQ(outcome.failed, 1);
  EXPECT_EQ(outcome.unaccounted, 1);
  EXPECT_EQ(outcome.order_violations, 0);
  EXPECT_THAT(outcome.mask_ms, ElementsAre(20, 100));
}

TEST(StreamRecord, AnAnswerOutOfOrderOrTwiceOrToNoFrameBreaksTheOrder) {
  StreamRecord stream = Stream(3);
  stream.Answered(2, FrameFate::kMask, Millis(110));
  stream.Answered(1, FrameFate::kMask, Millis(120));
  stream.Answered(2, FrameFate::kDropped, Millis(130));
  stream.Answered(4, FrameFate::kMask, Millis(140));
  stream.Answered(0, FrameFate::kMask, Millis(150));
  const StreamOutcome outcome = Summarise({stream});
  EXPECT_EQ(outcome.order_violations, 4);
  EXPECT_EQ(outcome.masks, 1);
  EXPECT_EQ(outcome.unaccounted, 2);
  EXPECT_THAT(outcome.mask_ms, ElementsAre(10));
}

TEST(StreamOutcome, SumsStreamsUp) {
  StreamRecord one = Stream(1), two = Stream(2);
  one.Answered(1, FrameFate::kMask, Millis(5));
  two.Answered(1, FrameFate::kMask, Millis(6));
  two.Answered(3, FrameFate::kMask, Millis(7));
  StreamOutcome apart = Summarise({one});
  apart += Summarise({two});
  for (const StreamOutcome& outcome : {Summarise({one, two}), apart}) {
    EXPECT_EQ(outcome.frames, 3);
    EXPECT_EQ(outcome.masks, 2);
    EXPECT_EQ(outcome.unaccounted, 1);
    EXPECT_EQ(outcome.order_violations, 1);
    EXPECT_THAT(outcome.mask_ms, ElementsAre(5, 6));
  }
}

TEST(StreamOutcome, InTimeIsAMaskForEveryFrameInOrderBelowTheLimit) {
  const auto outcome_of = [](Millis last, FrameFate fate) {
    StreamRecord stream = Stream(2);
    stream.Answered(1, FrameFate::kMask, Millis(10));
    stream.Answered(2, fate, kPeriod + last);
    return Summarise({stream});
  };
  EXPECT_TRUE(outcome_of(Millis(32), FrameFate::kMask).IsInTime(33));
  EXPECT_FALSE(outcome_of(Millis(33), FrameFate::kMask).IsInTime(33));
  EXPECT_FALSE(outcome_of(Millis(10), FrameFate::kDropped).IsInTime(33));
  EXPECT_FALSE(outcome_of(Millis(10), FrameFate::kFailed).IsInTime(33));
  EXPECT_FALSE(outcome_of(Millis(10), FrameFate::kUnanswered).IsInTime(33));
  EXPECT_FALSE(Summarise({}).IsInTime(33));
}

struct Searched {
  int most, best;
  std::vector<int> tried;
};

TEST(StreamSearch, DoublesThenHalvesTheGap) {
  for (const Searched& search :
       {Searched{64, 0, {1}}, Searched{64, 1, {1, 2}}, Searched{64, 3, {1, 2, 4, 3}},
        Searched{64, 5, {1, 2, 4, 8, 6, 5}}, Searched{6, 9, {1, 2, 4, 6}}, Searched{1, 9, {1}}}) {
    StreamSearch found(search.most);
    std::vector<int> tried;
    while (const std::optional<int> next = found.Next()) {
      tried.push_back(*next);
      found.Add(*next, *next <= search.best);
    }
    EXPECT_EQ(tried, search.tried);
    EXPECT_EQ(found.best(), std::min(search.best, search.most));
    EXPECT_EQ(found.fewest_bad().value_or(search.most + 1), found.best() + 1);
  }
}

}  // namespace
}  // namespace lingula::bench
