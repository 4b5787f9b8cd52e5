#include "model/base/thread_pool.h"

#include <utility>

namespace lingula {

ThreadPool::ThreadPool(int threads, int max_waiting) : max_waiting_(max_waiting) {
  threads_.reserve(threads);
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { Loop(); });
  }
}

ThreadPool::~ThreadPool() {
  {
    MutexLock lock(mu_);
    closed_ = true;
  }
  changed_.NotifyAll();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

bool ThreadPool::TryRun(std::function<void()>& work) {
  {
    MutexLock lock(mu_);
    if (static_cast<int>(waiting_.size()) >= max_waiting_) {
      return false;
    }
    waiting_.push_back(std::move(work));
  }
  changed_.NotifyOne();
  return true;
}

void ThreadPool::Run(std::function<void()> work) {
  {
    MutexLock lock(mu_);
    urgent_.push_back(std::move(work));
  }
  changed_.NotifyOne();
}

void ThreadPool::Loop() {
  for (;;) {
    std::function<void()> work;
    {
      MutexLock lock(mu_);
      while (urgent_.empty() && waiting_.empty() && !closed_) {
        changed_.Wait(mu_);
      }
      std::deque<std::function<void()>>& source = urgent_.empty() ? waiting_ : urgent_;
      if (source.empty()) {
        return;  // closed and drained
      }
      work = std::move(source.front());
      source.pop_front();
    }
    work();
  }
}

}  // namespace lingula
