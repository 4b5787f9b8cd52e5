// Runs an engine over the batches of a queue.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include "model/base/clock.h"
#include "model/engine/engine.h"
#include "server/batching/batch_queue.h"

namespace lingula {

// One thread: takes a batch, answers what is overdue (CANCELLED, DEADLINE_EXCEEDED), runs the rest
// and answers each sample alone. An engine that throws or answers the wrong number of samples costs
// its batch INTERNAL and nothing else. Threads  Task::done and the observer are called on the batch
// thread. The destructor closes the
//          queue, answers all that it accepted, and joins.
class BatchWorker {
 public:
  using Observer = std::function<void(const Batch&)>;

  // Borrows all; `on_batch`, if any, sees each batch before it is answered or run.
  BatchWorker(Engine& engine, BatchQueue& queue, const Clock& clock, Observer on_batch = nullptr);
  ~BatchWorker();
  BatchWorker(const BatchWorker&) = delete;
  BatchWorker& operator=(const BatchWorker&) = delete;

  // Moving average of the time of a forward pass; 0 before the first. Any thread.
  std::chrono::microseconds RecentBatchTime() const {
    return std::chrono::microseconds(recent_us_.load(std::memory_order_relaxed));
  }

 private:
  void Loop();
  void Run(std::vector<Task>& tasks, BatchCut cut);

  Engine& engine_;
  BatchQueue& queue_;
  const Clock& clock_;
  const Observer on_batch_;
  std::atomic<unsigned> recent_us_{0};
  std::thread thread_;  // last: it uses everything above
};

}  // namespace lingula
