// Where samples wait for each other.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/base/clock.h"
#include "model/base/mutex.h"
#include "model/engine/engine.h"

namespace lingula {

// Why a batch was closed.
enum class BatchCut { kSize, kDelay, kIdle, kDrain };

// What happened to a sample between Push and its answer.
struct BatchReceipt {
  unsigned queue_us = 0;  // waiting for a batch
  unsigned infer_us = 0;  // forward pass of the whole batch
  int batch_size = 0;     // 0: never reached the engine
  BatchCut cut = BatchCut::kIdle;
};

// One sample and who waits for it.
struct Task {
  Sample sample;
  Instant deadline = Instant::max();
  const std::atomic<bool>* cancelled = nullptr;  // borrowed until `done` returns; null: never
  // Called exactly once by whoever answers; must not throw and must not wait.
  std::function<void(absl::StatusOr<Prediction>, const BatchReceipt&)> done;
  Instant queued{};  // set by Push

  bool IsCancelled() const { return cancelled != nullptr && *cancelled; }
};

// What a queue hands out at once.
struct Batch {
  std::vector<Task> tasks;    // for the engine
  std::vector<Task> overdue;  // cancelled or past their deadline: to be answered, not run
  BatchCut cut = BatchCut::kIdle;
  bool empty() const { return tasks.empty() && overdue.empty(); }
};

// A bounded FIFO that hands out batches: request threads Push, one batch thread Pops while its
// engine is idle. A batch is ready when max_batch_size samples wait, or when the oldest has waited
// max_delay; the next batch fills while one runs, so batches grow under load without tuning. After
// Close() whatever waits is ready. Errors   Push: RESOURCE_EXHAUSTED when max_queued samples wait,
// UNAVAILABLE after Close(); the
//          caller still owns its task then.
// Threads  Thread-safe. Never calls Task::done: whoever takes a task answers it.
class BatchQueue {
 public:
  struct Options {
    int max_batch_size = 8;                  // samples, >= 1
    int max_queued = 64;                     // samples, >= max_batch_size
    std::chrono::microseconds max_delay{0};  // 0: never wait for company
  };

  // `clock` outlives this.
  BatchQueue(const Options& options, const Clock& clock);
  BatchQueue(const BatchQueue&) = delete;
  BatchQueue& operator=(const BatchQueue&) = delete;

  absl::Status Push(Task& task) ABSL_LOCKS_EXCLUDED(mu_);
  // What is ready now, perhaps nothing. Never blocks: this is the whole policy.
  Batch TryPop() ABSL_LOCKS_EXCLUDED(mu_);
  // Waits until TryPop would give something. An empty batch: closed and drained. Waits pass in real
  // time, whatever the clock.
  Batch Pop() ABSL_LOCKS_EXCLUDED(mu_);
  void Close() ABSL_LOCKS_EXCLUDED(mu_);

  // Samples that wait now.
  int depth() const ABSL_LOCKS_EXCLUDED(mu_);
  const Options& options() const { return options_; }

 private:
  Batch TakeReady(Instant now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void TakeOverdue(Instant now, std::vector<Task>& overdue) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // True, and why, when the waiting samples (at least one) should go.
  bool IsReady(Instant now, BatchCut& cut) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // When time alone makes something ready: the oldest has waited, or a deadline passes.
  Instant NextEvent() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Options options_;
  const Clock& clock_;
  mutable Mutex mu_;
  CondVar changed_;
  std::deque<Task> waiting_ ABSL_GUARDED_BY(mu_);  // arrival order
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace lingula
