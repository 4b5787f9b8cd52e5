#include "server/batching/batch_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace lingula {

BatchQueue::BatchQueue(const Options& options, const Clock& clock)
    : options_(options), clock_(clock) {}

absl::Status BatchQueue::Push(Task& task) {
  {
    MutexLock lock(mu_);
    if (closed_) {
      return absl::UnavailableError("the server is draining: send to another one");
    }
    if (static_cast<int>(waiting_.size()) >= options_.max_queued) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "the model's queue is full (", options_.max_queued, " samples): retry later"));
    }
    task.queued = clock_.Now();
    waiting_.push_back(std::move(task));
  }
  changed_.NotifyOne();
  return absl::OkStatus();
}

Batch BatchQueue::TryPop() {
  const Instant now = clock_.Now();
  MutexLock lock(mu_);
  return TakeReady(now);
}

Batch BatchQueue::Pop() {
  MutexLock lock(mu_);
  for (;;) {
    const Instant now = clock_.Now();
    Batch batch = TakeReady(now);
    if (!batch.empty() || (closed_ && waiting_.empty())) {
      return batch;
    }
    if (waiting_.empty()) {
      changed_.Wait(mu_);
    } else {
      changed_.WaitFor(mu_, NextEvent() - now);
    }
  }
}

void BatchQueue::Close() {
  {
    MutexLock lock(mu_);
    closed_ = true;
  }
  changed_.NotifyAll();
}

int BatchQueue::depth() const {
  MutexLock lock(mu_);
  return static_cast<int>(waiting_.size());
}

Batch BatchQueue::TakeReady(Instant now) {
  Batch batch;
  TakeOverdue(now, batch.overdue);
  if (waiting_.empty() || !IsReady(now, batch.cut)) {
    return batch;
  }
  const size_t size = std::min(waiting_.size(), static_cast<size_t>(options_.max_batch_size));
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(size);
  batch.tasks.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return batch;
}

void BatchQueue::TakeOverdue(Instant now, std::vector<Task>& overdue) {
  const auto is_alive = [now](const Task& task) {
    return now < task.deadline && !task.IsCancelled();
  };
  if (std::all_of(waiting_.begin(), waiting_.end(), is_alive)) {
    return;  // nearly always: moves nothing
  }
  // Asked once for each task, since `cancelled` may change between two looks.
  std::deque<Task> alive;
  for (Task& task : waiting_) {
    if (is_alive(task)) {
      alive.push_back(std::move(task));
    } else {
      overdue.push_back(std::move(task));
    }
  }
  waiting_ = std::move(alive);
}

bool BatchQueue::IsReady(Instant now, BatchCut& cut) const {
  if (static_cast<int>(waiting_.size()) >= options_.max_batch_size) {
    cut = BatchCut::kSize;
  } else if (closed_) {
    cut = BatchCut::kDrain;
  } else if (options_.max_delay.count() == 0) {
    cut = BatchCut::kIdle;
  } else if (now - waiting_.front().queued >= options_.max_delay) {
    cut = BatchCut::kDelay;
  } else {
    return false;
  }
  return true;
}

Instant BatchQueue::NextEvent() const {
  Instant next = waiting_.front().queued + options_.max_delay;
  for (const Task& task : waiting_) {
    next = std::min(next, task.deadline);
  }
  return next;
}

}  // namespace lingula
