// Where samples wait for each other.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/base/clock.h"
#include "model/base/mutex.h"
#include "model/engine/engine.h"
#include "server/batching/cost_curve.h"
#include "server/batching/place.h"
#include "server/batching/turns.h"

namespace lingula {

// Why a batch was closed.
enum class BatchCut { kSize, kDelay, kIdle, kDrain, kDeadline };

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
  const std::atomic<bool>* cancelled = nullptr;  // borrowed until `done` returns; null: never
  // Called exactly once by whoever answers; must not throw and must not wait.
  std::function<void(absl::StatusOr<Prediction>, const BatchReceipt&)> done;
  Instant deadline = Instant::max();  // set by Push, as is:
  Instant queued{};

  bool IsCancelled() const { return cancelled != nullptr && *cancelled; }
};

// Why a sample that had a place lost it.
inline constexpr char kGaveWay[] =
    "the model is overloaded, and this caller had more of its queue than others: retry later";

// What a queue hands out at once.
struct Batch {
  std::vector<Task> tasks;    // for the engine
  std::vector<Task> overdue;  // cancelled or past their deadline: to be answered, not run
  BatchCut cut = BatchCut::kIdle;
  bool empty() const { return tasks.empty() && overdue.empty(); }
};

class BatchQueue;

// A place in a queue, held while a picture is decoded. Gives it back when it goes unused. The queue
// outlives it.
class Ticket {
 public:
  Ticket() = default;
  ~Ticket() { GiveBack(); }
  Ticket(Ticket&& other) noexcept;
  Ticket& operator=(Ticket&& other) noexcept;

 private:
  friend class BatchQueue;
  void GiveBack();

  BatchQueue* queue_ = nullptr;  // null: holds no place
  uint64_t number_ = 0;
};

// The answer at the door.
struct Admission {
  // RESOURCE_EXHAUSTED: not all that was accepted could be finished in time with this one, or too
  // many wait. UNAVAILABLE: closed.
  absl::Status status;
  bool is_full = false;                      // of RESOURCE_EXHAUSTED: too many wait
  std::chrono::microseconds retry_after{0};  // of RESOURCE_EXHAUSTED: when it would have fitted
  Ticket ticket;                             // when OK
  // Waiting tasks that gave way to the newcomer: the caller of Admit answers them.
  std::vector<Task> displaced;
};

// The bounded queue of a model and the order in which its instances serve it: docs/adr/0013 and
// schedule.h. Request threads Admit and Push; a batch thread for each instance Pops while its
// engine is idle, and says what each batch cost. The next batch fills while one runs, so batches
// grow under load without tuning. After Close() whatever waits is ready. Threads  Thread-safe.
// Never calls Task::done: whoever takes a task answers it.
class BatchQueue {
 public:
  struct Options {
    int max_batch_size = 8;                  // samples, >= 1
    int max_queued = 64;                     // samples with a place, >= max_batch_size
    std::chrono::microseconds max_delay{0};  // 0: never wait for company
    int instances = 1;                       // batches that run side by side, >= 1
  };

  // `costs` as measured before the first request, may be empty; `clock` outlives this.
  BatchQueue(const Options& options, const Clock& clock, absl::Span<const BatchCost> costs = {});
  BatchQueue(const BatchQueue&) = delete;
  BatchQueue& operator=(const BatchQueue&) = delete;

  // A place for a sample whose forward pass must end by `deadline`.
  Admission Admit(const Flow& flow, Instant deadline) ABSL_LOCKS_EXCLUDED(mu_);
  // The sample itself. Errors   RESOURCE_EXHAUSTED: gave way meanwhile; UNAVAILABLE: closed. The
  // caller still owns its task then.
  absl::Status Push(Ticket ticket, Task& task) ABSL_LOCKS_EXCLUDED(mu_);

  // What is ready now for an instance that is idle, perhaps nothing. Never blocks.
  Batch TryPop(int instance = 0) ABSL_LOCKS_EXCLUDED(mu_);
  // Waits until TryPop would give something. An empty batch: closed and drained. Waits pass in real
  // time, whatever the clock.
  Batch Pop(int instance = 0) ABSL_LOCKS_EXCLUDED(mu_);
  // What the last batch of an instance cost; it is idle now.
  void Learn(const BatchCost& batch, int instance = 0) ABSL_LOCKS_EXCLUDED(mu_);
  void Close() ABSL_LOCKS_EXCLUDED(mu_);

  // Samples that wait for a batch now.
  int depth() const ABSL_LOCKS_EXCLUDED(mu_);
  // Expected time of a batch of `size`; 0: not measured yet.
  std::chrono::microseconds ExpectedCost(int size) const ABSL_LOCKS_EXCLUDED(mu_);
  const Options& options() const { return options_; }

 private:
  friend class Ticket;

  struct Waiting {
    uint64_t number = 0;
    Task task;  // when its place is ready
  };

  size_t Find(uint64_t number) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Remove(size_t index) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void GiveBack(uint64_t number) ABSL_LOCKS_EXCLUDED(mu_);
  // The answer at the door, with those who give way taken out; no ticket yet.
  Admission Ask(const Place& newcomer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::vector<Instant> FreeAt(Instant now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Returns when `instance` was woken or `time` is over; none: never over.
  void Sleep(int instance, std::optional<Instant::duration> time)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Null: none waits.
  CondVar* NextToWake() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  Batch TakeReady(Instant now, int instance) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void TakeOverdue(Instant now, std::vector<Task>& overdue) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  int Ready() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Until when an idle engine waits for company, and for what it then stops.
  struct Patience {
    Instant end = Instant::max();
    BatchCut cut = BatchCut::kDelay;
  };
  Patience CompanyUntil() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Options options_;
  const Clock& clock_;
  mutable Mutex mu_;
  // Instances that wait, the one that became idle last at the end. It is woken first: its memory
  // and code are still in the caches.
  std::vector<int> idle_ ABSL_GUARDED_BY(mu_);
  std::vector<CondVar> wake_;  // by instance
  // One entry a place each, earliest due first.
  std::vector<Place> places_ ABSL_GUARDED_BY(mu_);
  std::vector<Waiting> waiting_ ABSL_GUARDED_BY(mu_);
  CostCurve costs_ ABSL_GUARDED_BY(mu_);
  Turns turns_ ABSL_GUARDED_BY(mu_);
  std::vector<Instant> free_at_ ABSL_GUARDED_BY(mu_);  // by instance; the past: idle
  uint64_t full_batches_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t last_number_ ABSL_GUARDED_BY(mu_) = 0;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace lingula
