#include "model/base/thread_pool.h"

#include <utility>

namespace lingula {

ThreadPool::ThreadPool(int threads) {
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

void ThreadPool::Begin(std::function<void()> work) {
  Add(std::move(work), &ThreadPool::beginning_);
}

void ThreadPool::Finish(std::function<void()> work) {
  Add(std::move(work), &ThreadPool::finishing_);
}

void ThreadPool::Add(std::function<void()> work, Work ThreadPool::*to) {
  {
    MutexLock lock(mu_);
    (this->*to).push_back(std::move(work));
  }
  changed_.NotifyOne();
}

void ThreadPool::Loop() {
  for (;;) {
    std::function<void()> work;
    {
      MutexLock lock(mu_);
      while (finishing_.empty() && beginning_.empty() && !closed_) {
        changed_.Wait(mu_);
      }
      Work& source = finishing_.empty() ? beginning_ : finishing_;
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
