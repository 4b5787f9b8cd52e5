// Runs an engine over the batches of a queue.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "model/base/clock.h"
#include "model/engine/engine.h"
#include "server/batching/batch_queue.h"

namespace lingula {

// One thread: takes a batch, answers what is overdue (CANCELLED, DEADLINE_EXCEEDED), runs the rest
// and answers each sample alone. An engine that throws or answers the wrong number of samples costs
// its batch INTERNAL and nothing else.
// Threads  Task::done and the observer are called on the batch thread. The destructor closes the
//          queue, answers all that it accepted, and joins.
class BatchWorker {
 public:
  using Observer = std::function<void(const Batch&)>;

  // Which of a queue's engines this is, and the processors it stays on; none: any.
  struct Instance {
    int number = 0;
    std::vector<int> cores;
    // Hears how long each forward pass took, on the batch thread; may be null.
    std::function<void(std::chrono::microseconds)> on_run;
    // Runs in a batch of the largest size before the first one, and is not heard of: a thread keeps
    // the memory that its largest batch took, so it may as well have it from the start, where
    // whoever sizes the machine sees it. Null: none. Outlives the worker.
    const Sample* warm_up = nullptr;
  };

  // Borrows all; `on_batch`, if any, sees each batch before it is answered or run.
  BatchWorker(Engine& engine, BatchQueue& queue, const Clock& clock, Observer on_batch,
              Instance instance);
  BatchWorker(Engine& engine, BatchQueue& queue, const Clock& clock, Observer on_batch = nullptr)
      : BatchWorker(engine, queue, clock, std::move(on_batch), Instance()) {}
  ~BatchWorker();
  BatchWorker(const BatchWorker&) = delete;
  BatchWorker& operator=(const BatchWorker&) = delete;

  // Until Instance::warm_up has run.
  void WaitUntilWarm() const { warm_.wait(); }

 private:
  void Loop();
  void WarmUp();
  void Run(std::vector<Task>& tasks, BatchCut cut);

  Engine& engine_;
  BatchQueue& queue_;
  const Clock& clock_;
  const Observer on_batch_;
  const Instance instance_;
  std::promise<void> warmed_;
  const std::future<void> warm_ = warmed_.get_future();
  std::thread thread_;  // last: it uses everything above
};

}  // namespace lingula
