// A fixed set of threads that run small pieces of work in arrival order.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "model/base/mutex.h"

namespace lingula {

// Two ways in: work that begins something, and work that finishes something begun, which goes
// first, so that less is under way at a time. Neither is bounded: who begins work bounds it.
// Threads  Thread-safe. Work must not throw. The destructor runs all that waits, then joins.
class ThreadPool {
 public:
  // `threads` >= 1.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void Begin(std::function<void()> work) ABSL_LOCKS_EXCLUDED(mu_);
  void Finish(std::function<void()> work) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using Work = std::deque<std::function<void()>>;

  void Add(std::function<void()> work, Work ThreadPool::*to) ABSL_LOCKS_EXCLUDED(mu_);
  void Loop() ABSL_LOCKS_EXCLUDED(mu_);

  Mutex mu_;
  CondVar changed_;
  Work finishing_ ABSL_GUARDED_BY(mu_);
  Work beginning_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;  // last: they use everything above
};

}  // namespace lingula
