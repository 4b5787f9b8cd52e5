#include "server/batching/batch_queue.h"

#include <thread>

#include <gmock/gmock.h>

#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using namespace std::chrono_literals;  // NOLINT
using test::FakeClock;
using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

BatchQueue::Options Options(int max_batch_size, int max_queued, std::chrono::microseconds delay) {
  BatchQueue::Options options;
  options.max_batch_size = max_batch_size;
  options.max_queued = max_queued;
  options.max_delay = delay;
  return options;
}

// Takes a place and uses it at once.
absl::Status Push(BatchQueue& queue, Task& task, Instant deadline = Instant::max()) {
  Admission admission = queue.Admit(Flow(), deadline);
  return admission.status.ok() ? queue.Push(std::move(admission.ticket), task) : admission.status;
}

Task TaskNumber(int number) {
  Task task;
  task.sample.pixels = {static_cast<float>(number)};
  return task;
}

struct Case {
  const char* name;
  std::chrono::microseconds max_delay;
  int pushed;
  std::chrono::microseconds waited;
  bool closed;
  size_t popped;
  BatchCut cut;
};

class BatchQueuePolicy : public testing::TestWithParam<Case> {};

TEST_P(BatchQueuePolicy, ClosesABatchForTheReason) {
  FakeClock clock;
  BatchQueue queue(Options(4, 16, GetParam().max_delay), clock);
  for (int i = 0; i < GetParam().pushed; ++i) {
    Task task = TaskNumber(i);
    ASSERT_THAT(Push(queue, task), IsOk());
  }
  clock.Advance(GetParam().waited);
  if (GetParam().closed) {
    queue.Close();
  }
  const Batch batch = queue.TryPop();
  ASSERT_THAT(batch.tasks, SizeIs(GetParam().popped));
  EXPECT_THAT(batch.overdue, IsEmpty());
  for (size_t i = 0; i < batch.tasks.size(); ++i) {
    EXPECT_EQ(batch.tasks[i].sample.pixels[0], static_cast<float>(i)) << "arrival order";
  }
  if (!batch.tasks.empty()) {
    EXPECT_EQ(batch.cut, GetParam().cut);
  }
  EXPECT_EQ(queue.depth(), GetParam().pushed - static_cast<int>(GetParam().popped));
}

INSTANTIATE_TEST_SUITE_P(
    All, BatchQueuePolicy,
    testing::Values(Case{"nothing", 0us, 0, 1s, false, 0, BatchCut::kIdle},
                    Case{"not_yet", 100us, 3, 99us, false, 0, BatchCut::kIdle},
                    Case{"due", 100us, 3, 100us, false, 3, BatchCut::kDelay},
                    Case{"full", 100us, 4, 0us, false, 4, BatchCut::kSize},
                    Case{"more_than_full", 100us, 6, 0us, false, 4, BatchCut::kSize},
                    Case{"idle_engine_never_waits", 0us, 1, 0us, false, 1, BatchCut::kIdle},
                    Case{"idle_and_full", 0us, 5, 0us, false, 4, BatchCut::kSize},
                    Case{"draining_does_not_wait", 100us, 2, 0us, true, 2, BatchCut::kDrain},
                    Case{"draining_and_full", 100us, 4, 0us, true, 4, BatchCut::kSize}),
    [](const auto& info) { return info.param.name; });

TEST(BatchQueue, TheOldestDecidesWhenABatchIsDue) {
  FakeClock clock;
  BatchQueue queue(Options(4, 16, 100us), clock);
  Task first = TaskNumber(0);
  Task second = TaskNumber(1);
  ASSERT_THAT(Push(queue, first), IsOk());
  clock.Advance(99us);
  ASSERT_THAT(Push(queue, second), IsOk());
  EXPECT_TRUE(queue.TryPop().empty());
  clock.Advance(1us);
  const Batch batch = queue.TryPop();
  ASSERT_THAT(batch.tasks, SizeIs(2));
  EXPECT_EQ(batch.tasks[1].queued - batch.tasks[0].queued, 99us);
}

TEST(BatchQueue, RefusesWhenFullAndTheCallerKeepsItsTask) {
  FakeClock clock;
  BatchQueue queue(Options(2, 2, 0us), clock);
  for (int i = 0; i < 2; ++i) {
    Task task = TaskNumber(i);
    ASSERT_THAT(Push(queue, task), IsOk());
  }
  Task refused = TaskNumber(7);
  EXPECT_THAT(Push(queue, refused),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("2 samples")));
  EXPECT_EQ(refused.sample.pixels.at(0), 7);
  queue.TryPop();
  EXPECT_THAT(Push(queue, refused), IsOk());
}

TEST(BatchQueue, RefusesAfterClose) {
  FakeClock clock;
  BatchQueue queue(Options(2, 2, 0us), clock);
  queue.Close();
  Task refused = TaskNumber(7);
  EXPECT_THAT(Push(queue, refused), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(refused.sample.pixels.at(0), 7);
}

TEST(BatchQueue, AnUnusedTicketGivesItsPlaceBack) {
  FakeClock clock;
  BatchQueue queue(Options(1, 1, 0us), clock);
  Task task = TaskNumber(0);
  {
    const Admission held = queue.Admit(Flow(), Instant::max());
    ASSERT_THAT(held.status, IsOk());
    EXPECT_THAT(Push(queue, task), StatusIs(absl::StatusCode::kResourceExhausted));
    EXPECT_EQ(queue.depth(), 0) << "nothing is ready";
  }
  EXPECT_THAT(Push(queue, task), IsOk());
}

TEST(BatchQueue, AfterCloseATicketIsWorthless) {
  FakeClock clock;
  BatchQueue queue(Options(1, 1, 0us), clock);
  Admission held = queue.Admit(Flow(), Instant::max());
  queue.Close();
  Task task = TaskNumber(7);
  EXPECT_THAT(queue.Push(std::move(held.ticket), task), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(task.sample.pixels.at(0), 7);
}

// Fills a queue of four from one caller, of which the second is still being decoded.
struct Burst {
  explicit Burst(BatchQueue& queue) {
    for (int i = 0; i < 4; ++i) {
      Admission admission = queue.Admit(Flow{7, 0}, Instant::max());
      EXPECT_THAT(admission.status, IsOk());
      if (i == 1) {
        decoding = std::move(admission.ticket);
      } else {
        Task task = TaskNumber(i);
        EXPECT_THAT(queue.Push(std::move(admission.ticket), task), IsOk());
      }
    }
  }
  Ticket decoding;
};

TEST(BatchQueue, TheYoungestOfABurstGivesWayToAnotherCaller) {
  FakeClock clock;
  BatchQueue queue(Options(4, 4, 1s), clock);
  const Burst burst(queue);
  const Admission admission = queue.Admit(Flow{8, 0}, Instant::max());
  EXPECT_THAT(admission.status, IsOk());
  ASSERT_THAT(admission.displaced, SizeIs(1));
  EXPECT_EQ(admission.displaced[0].sample.pixels[0], 3);
}

TEST(BatchQueue, WhoGaveWayWhileDecodingLearnsItWhenReady) {
  FakeClock clock;
  BatchQueue queue(Options(4, 4, 1s), clock);
  Burst burst(queue);
  const Admission first = queue.Admit(Flow{8, 0}, Instant::max());   // displaces number 3
  const Admission second = queue.Admit(Flow{9, 0}, Instant::max());  // and this number 2
  EXPECT_THAT(second.displaced, SizeIs(1));
  // Now callers 7, 8, 9 hold two, one, one places: not clearly more.
  EXPECT_THAT(queue.Admit(Flow{10, 0}, Instant::max()).displaced, SizeIs(0));
  Task task = TaskNumber(1);
  EXPECT_THAT(queue.Push(std::move(burst.decoding), task),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(BatchQueue, SetsExpiredAndCancelledTasksApart) {
  FakeClock clock;
  BatchQueue queue(Options(4, 16, 1s), clock);
  std::atomic<bool> cancelled{false};
  Task expiring = TaskNumber(0);
  Task abandoned = TaskNumber(1);
  abandoned.cancelled = &cancelled;
  Task awaited = TaskNumber(2);
  ASSERT_THAT(Push(queue, expiring, clock.Now() + 10us), IsOk());
  ASSERT_THAT(Push(queue, abandoned), IsOk());
  ASSERT_THAT(Push(queue, awaited), IsOk());
  EXPECT_TRUE(queue.TryPop().empty());
  clock.Advance(10us);  // a deadline is past when it is reached
  cancelled = true;
  Batch batch = queue.TryPop();
  ASSERT_THAT(batch.overdue, SizeIs(2));
  EXPECT_THAT(batch.tasks, IsEmpty()) << "the third is not due yet";
  EXPECT_EQ(batch.overdue[0].sample.pixels[0] + batch.overdue[1].sample.pixels[0], 1);
  clock.Advance(1s);
  batch = queue.TryPop();
  ASSERT_THAT(batch.tasks, SizeIs(1));
  EXPECT_EQ(batch.tasks[0].sample.pixels[0], 2);
}

TEST(BatchQueue, OverdueTasksDoNotFillABatch) {
  FakeClock clock;
  BatchQueue queue(Options(2, 16, 1s), clock);
  Task expiring = TaskNumber(0);
  Task awaited = TaskNumber(1);
  ASSERT_THAT(Push(queue, expiring, clock.Now() + 10us), IsOk());
  ASSERT_THAT(Push(queue, awaited), IsOk());
  clock.Advance(10us);
  const Batch batch = queue.TryPop();
  EXPECT_THAT(batch.overdue, SizeIs(1));
  EXPECT_THAT(batch.tasks, IsEmpty());
}

TEST(BatchQueue, PopWakesForAPushAndForClose) {
  BatchQueue queue(Options(1, 1024, 0us), Clock::Real());
  constexpr int kTasks = 500;
  std::thread pusher([&queue] {
    for (int i = 0; i < kTasks; ++i) {
      Task task = TaskNumber(i);
      EXPECT_THAT(Push(queue, task), IsOk());
    }
    queue.Close();
  });
  int popped = 0;
  for (Batch batch = queue.Pop(); !batch.empty(); batch = queue.Pop()) {
    EXPECT_EQ(batch.tasks.at(0).sample.pixels[0], static_cast<float>(popped));
    ++popped;
  }
  pusher.join();
  EXPECT_EQ(popped, kTasks);
}

TEST(BatchQueue, PopWakesWhenTimeAloneMakesABatchReady) {
  BatchQueue queue(Options(8, 8, 500us), Clock::Real());
  Task due = TaskNumber(0);
  ASSERT_THAT(Push(queue, due), IsOk());
  EXPECT_EQ(queue.Pop().cut, BatchCut::kDelay);
  Task expiring = TaskNumber(1);
  ASSERT_THAT(Push(queue, expiring, Clock::Real().Now() + 100us), IsOk());
  EXPECT_THAT(queue.Pop().overdue, SizeIs(1));
}

}  // namespace
}  // namespace lingula
