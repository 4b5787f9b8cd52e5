// A fixed set of threads that run small pieces of work in arrival order.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "model/base/mutex.h"

namespace lingula {

// Two ways in: new work may be refused when too much waits; work that finishes something already
// accepted may not, or a request would be lost.
// Threads  Thread-safe. Work must not throw. The destructor runs all that waits, then joins.
class ThreadPool {
 public:
  // `threads` >= 1; at most `max_waiting` refusable pieces wait at a time.
  ThreadPool(int threads, int max_waiting);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // False, and `work` is not taken, when `max_waiting` pieces wait already.
  [[nodiscard]] bool TryRun(std::function<void()>& work) ABSL_LOCKS_EXCLUDED(mu_);
  // Never refused; goes before refusable work, so that what was accepted ends first.
  void Run(std::function<void()> work) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Loop() ABSL_LOCKS_EXCLUDED(mu_);

  const int max_waiting_;
  Mutex mu_;
  CondVar changed_;
  std::deque<std::function<void()>> urgent_ ABSL_GUARDED_BY(mu_);
  std::deque<std::function<void()>> waiting_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;  // last: they use everything above
};

}  // namespace lingula
