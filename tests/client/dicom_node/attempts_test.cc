#include "client/dicom_node/attempts.h"

#include <gmock/gmock.h>

namespace lingula::node {
namespace {

using std::chrono::milliseconds;
using testing::Optional;

constexpr milliseconds kFirst(10), kLongest(80);
constexpr std::chrono::seconds kIdle(1);

class AttemptsTest : public testing::Test {
 protected:
  std::optional<uint64_t> Take() {
    return attempts_.Take([this] { return waiting_; }, now_);
  }
  void Fail(uint64_t number) {
    attempts_.Failed(number);
    attempts_.StepBack(number, now_);
  }

  Attempts attempts_{kFirst, kLongest};
  std::vector<uint64_t> waiting_{3, 5, 8};
  Instant now_{std::chrono::hours(1)};
};

TEST_F(AttemptsTest, EachIsTakenOnceOldestFirst) {
  EXPECT_THAT(Take(), Optional(3));
  EXPECT_THAT(Take(), Optional(5));
  EXPECT_THAT(Take(), Optional(8));
  EXPECT_EQ(Take(), std::nullopt);
  EXPECT_EQ(attempts_.WaitFrom(now_, kIdle), kIdle);
  attempts_.Done(5);  // as when it waits for another reason later
  EXPECT_THAT(Take(), Optional(5));
}

TEST_F(AttemptsTest, WhatFailsStepsBackLongerEachTime) {
  milliseconds wait = kFirst;
  for (int failure = 1; failure <= 6; ++failure) {
    EXPECT_THAT(Take(), Optional(3));
    EXPECT_EQ(attempts_.Failed(3), failure);
    EXPECT_THAT(Take(), Optional(5)) << "nobody else gets 3 before it has stepped back";
    attempts_.StepBack(3, now_);
    attempts_.Done(5);
    EXPECT_EQ(attempts_.WaitFrom(now_, kIdle), wait);
    now_ += wait - milliseconds(1);
    EXPECT_THAT(Take(), Optional(5));
    attempts_.Done(5);
    now_ += milliseconds(1);
    wait = std::min(2 * wait, kLongest);
  }
}

TEST_F(AttemptsTest, NothingIsTakenWhileTheOtherSideIsAway) {
  ASSERT_THAT(Take(), Optional(3));
  ASSERT_THAT(Take(), Optional(5));
  EXPECT_EQ(attempts_.Away(3, now_), kFirst);
  EXPECT_EQ(attempts_.Away(5, now_), std::nullopt) << "asked at the same time: the same news";
  EXPECT_EQ(Take(), std::nullopt);
  EXPECT_EQ(attempts_.WaitFrom(now_, kIdle), kFirst);
  EXPECT_EQ(attempts_.WaitFrom(now_, milliseconds(1)), milliseconds(1));
  now_ += kFirst;
  EXPECT_THAT(Take(), Optional(3));
  EXPECT_EQ(attempts_.Away(3, now_), 2 * kFirst);
  now_ += 2 * kFirst;
  EXPECT_THAT(Take(), Optional(3));
  attempts_.Done(3);  // it is back
  EXPECT_THAT(Take(), Optional(3));
  EXPECT_EQ(attempts_.Away(3, now_), kFirst);
}

// What a thread is done with between another's look at the spool and its choice is not chosen: the
// spool is asked when nobody can be done with anything.
TEST_F(AttemptsTest, AsksWhatWaitsWhenItChooses) {
  ASSERT_THAT(Take(), Optional(3));
  waiting_ = {5, 8};
  attempts_.Done(3);
  EXPECT_THAT(Take(), Optional(5));
}

TEST_F(AttemptsTest, WaitsForTheNextThatMayBeTaken) {
  ASSERT_THAT(Take(), Optional(3));
  Fail(3);
  now_ += milliseconds(4);
  ASSERT_THAT(Take(), Optional(5));
  Fail(5);
  EXPECT_EQ(attempts_.WaitFrom(now_, kIdle), kFirst - milliseconds(4));
}

}  // namespace
}  // namespace lingula::node
