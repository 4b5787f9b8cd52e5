#include "server/batching/batch_worker.h"

#include <future>
#include <memory>
#include <thread>

#include <gmock/gmock.h>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_engine.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeEngine;
using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;

constexpr int kSide = 4;

struct Answer {
  absl::StatusOr<Prediction> prediction = absl::UnknownError("none yet");
  BatchReceipt receipt;
};

absl::Status PushInto(BatchQueue& queue, Task& task, Instant deadline = Instant::max()) {
  Admission admission = queue.Admit(Flow(), deadline);
  return admission.status.ok() ? queue.Push(std::move(admission.ticket), task) : admission.status;
}

class BatchWorkerTest : public testing::Test {
 protected:
  BatchWorkerTest() : queue_(Options(), Clock::Real()) {
    worker_ = std::make_unique<BatchWorker>(engine_, queue_, Clock::Real());
  }

  static BatchQueue::Options Options() {
    BatchQueue::Options options;
    options.max_batch_size = 3;
    options.max_queued = 16;
    return options;
  }

  static Task GoodTask() {
    Task task;
    task.sample.pixels.assign(kSide * kSide, 0.0F);
    return task;
  }

  std::future<Answer> Push(Task task, Instant deadline = Instant::max()) {
    auto promise = std::make_shared<std::promise<Answer>>();  // Task::done must be copyable
    std::future<Answer> answer = promise->get_future();
    task.done = [promise](absl::StatusOr<Prediction> prediction, const BatchReceipt& receipt) {
      promise->set_value({std::move(prediction), receipt});
    };
    EXPECT_THAT(PushInto(queue_, task, deadline), IsOk());
    return answer;
  }

  // A batch inside the engine: what is pushed now waits until Release().
  std::future<Answer> OccupyEngine() {
    engine_.Block();
    std::future<Answer> first = Push(GoodTask());
    engine_.WaitForBatches(1);
    return first;
  }

  FakeEngine engine_{kSide};
  BatchQueue queue_;
  std::unique_ptr<BatchWorker> worker_;
};

TEST_F(BatchWorkerTest, TheNextBatchFillsWhileOneRuns) {
  std::future<Answer> first = OccupyEngine();
  std::vector<std::future<Answer>> later;
  for (int i = 0; i < 4; ++i) {
    later.push_back(Push(GoodTask()));
  }
  engine_.Release();
  EXPECT_EQ(first.get().receipt.batch_size, 1);
  for (int i = 0; i < 4; ++i) {
    const Answer answer = later[i].get();
    EXPECT_THAT(answer.prediction, IsOk());
    EXPECT_EQ(answer.receipt.batch_size, i < 3 ? 3 : 1);
    EXPECT_EQ(answer.receipt.cut, i < 3 ? BatchCut::kSize : BatchCut::kIdle);
  }
  EXPECT_THAT(engine_.batch_sizes(), ElementsAre(1, 3, 1));
}

// By a batch as large as any will be, of which neither the queue nor the observer hears.
TEST_F(BatchWorkerTest, WarmsUpBeforeTheFirstBatch) {
  FakeEngine engine{kSide};
  BatchQueue queue(Options(), Clock::Real());
  const Sample sample = GoodTask().sample;
  BatchWorker::Instance instance;
  instance.warm_up = &sample;
  std::atomic<int> seen{0};
  BatchWorker worker(
      engine, queue, Clock::Real(), [&seen](const Batch&) { ++seen; }, std::move(instance));
  worker.WaitUntilWarm();
  EXPECT_THAT(engine.batch_sizes(), ElementsAre(3));
  EXPECT_EQ(seen, 0);
}

TEST_F(BatchWorkerTest, OneBadSampleDoesNotFailItsNeighbours) {
  std::future<Answer> first = OccupyEngine();
  std::future<Answer> good = Push(GoodTask());
  std::future<Answer> bad = Push(Task());
  std::future<Answer> also_good = Push(GoodTask());
  engine_.Release();
  EXPECT_THAT(good.get().prediction, IsOk());
  EXPECT_THAT(bad.get().prediction, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(also_good.get().prediction, IsOk());
  EXPECT_THAT(first.get().prediction, IsOk());
}

TEST_F(BatchWorkerTest, OverdueTasksAreAnsweredAndNeverRun) {
  std::future<Answer> first = OccupyEngine();
  std::atomic<bool> cancelled{false};
  const Instant deadline = Clock::Real().Now() + std::chrono::milliseconds(2);
  Task abandoned = GoodTask();
  abandoned.cancelled = &cancelled;
  std::future<Answer> late = Push(GoodTask(), deadline);
  std::future<Answer> gone = Push(std::move(abandoned));
  cancelled = true;
  while (Clock::Real().Now() < deadline) {
    std::this_thread::yield();
  }
  engine_.Release();
  const Answer answer = late.get();
  EXPECT_THAT(answer.prediction, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(answer.receipt.batch_size, 0);
  EXPECT_THAT(gone.get().prediction, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(first.get().prediction, IsOk());
  worker_.reset();
  EXPECT_THAT(engine_.batch_sizes(), ElementsAre(1));
}

class BatchWorkerFaults : public BatchWorkerTest,
                          public testing::WithParamInterface<FakeEngine::Fault> {};

TEST_P(BatchWorkerFaults, CostOneBatchOnly) {
  engine_.SetFault(GetParam());
  EXPECT_THAT(Push(GoodTask()).get().prediction, StatusIs(absl::StatusCode::kInternal));
  engine_.SetFault(FakeEngine::Fault::kNone);
  EXPECT_THAT(Push(GoodTask()).get().prediction, IsOk());
}

INSTANTIATE_TEST_SUITE_P(All, BatchWorkerFaults,
                         testing::Values(FakeEngine::Fault::kThrow,
                                         FakeEngine::Fault::kWrongLength));

TEST_F(BatchWorkerTest, AcceptedWorkIsAnsweredBeforeTheWorkerGoes) {
  std::future<Answer> first = OccupyEngine();
  std::vector<std::future<Answer>> waiting;
  for (int i = 0; i < 7; ++i) {
    waiting.push_back(Push(GoodTask()));
  }
  queue_.Close();
  engine_.Release();
  worker_.reset();
  EXPECT_THAT(first.get().prediction, IsOk());
  for (std::future<Answer>& answer : waiting) {
    ASSERT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::ready);
    EXPECT_THAT(answer.get().prediction, IsOk());
  }
}

TEST_F(BatchWorkerTest, TheObserverSeesEachBatch) {
  worker_.reset();
  BatchQueue queue(Options(), Clock::Real());
  for (int i = 0; i < 4; ++i) {
    Task task = GoodTask();
    task.done = [](const absl::StatusOr<Prediction>&, const BatchReceipt&) {};
    ASSERT_THAT(PushInto(queue, task), IsOk());
  }
  std::vector<size_t> seen;
  BatchWorker(engine_, queue, Clock::Real(),
              [&seen](const Batch& batch) { seen.push_back(batch.tasks.size()); });
  EXPECT_THAT(seen, ElementsAre(3, 1));
}

// Runs for as long as it is told to, on a clock that only it moves.
class SlowEngine final : public Engine {
 public:
  explicit SlowEngine(test::FakeClock& clock) : clock_(clock) {}
  int side_px() const override { return kSide; }
  int channels() const override { return 1; }
  bool Supports(GuidanceMode) const override { return true; }
  std::vector<absl::StatusOr<Prediction>> Predict(
      absl::Span<const Sample* const> samples) override {
    clock_.Advance(std::chrono::milliseconds(8));
    return {samples.size(), Prediction()};
  }

 private:
  test::FakeClock& clock_;
};

TEST(BatchWorker, ReceiptAndRecentTimeComeFromTheClock) {
  test::FakeClock clock;
  SlowEngine engine(clock);
  BatchQueue queue(BatchQueue::Options(), clock);
  std::promise<BatchReceipt> done;
  Task task;
  task.done = [&done](const absl::StatusOr<Prediction>&, const BatchReceipt& receipt) {
    done.set_value(receipt);
  };
  ASSERT_THAT(PushInto(queue, task), IsOk());
  clock.Advance(std::chrono::microseconds(30));
  BatchWorker worker(engine, queue, clock);
  const BatchReceipt receipt = done.get_future().get();
  EXPECT_EQ(receipt.queue_us, 30U);
  EXPECT_EQ(receipt.infer_us, 8000U);
}

}  // namespace
}  // namespace lingula
