#include "model/base/thread_pool.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <vector>

#include <gmock/gmock.h>

namespace lingula {
namespace {

using Work = std::function<void()>;

// Keeps one thread of a pool busy until Open(). What the thread uses is its own, so that the gate
// may go before the thread has passed it.
class Gate {
 public:
  explicit Gate(ThreadPool& pool) {
    const auto entered = std::make_shared<std::promise<void>>();
    pool.Run([entered, opened = open_.get_future().share()] {
      entered->set_value();
      opened.wait();
    });
    entered->get_future().wait();
  }
  void Open() { open_.set_value(); }

 private:
  std::promise<void> open_;
};

// Promises below stand before their pool: its threads are gone when they go.

TEST(ThreadPoolTest, OneThreadKeepsTheOrder) {
  std::vector<int> order;
  {
    ThreadPool pool(1, 100);
    for (int i = 0; i < 50; ++i) {
      Work work = [&order, i] { order.push_back(i); };
      ASSERT_TRUE(pool.TryRun(work));
    }
  }
  ASSERT_EQ(order.size(), 50);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(order[i], i);
  }
}

TEST(ThreadPoolTest, RefusesWhenFullAndLeavesTheWorkWithTheCaller) {
  std::atomic<int> ran = 0;
  std::promise<void> last;
  const auto count = [&ran] { ++ran; };
  ThreadPool pool(1, 2);
  Gate gate(pool);
  for (int i = 0; i < 2; ++i) {
    Work work = count;
    EXPECT_TRUE(pool.TryRun(work));
  }
  Work refused = count;
  EXPECT_FALSE(pool.TryRun(refused));
  ASSERT_TRUE(refused);                     // still ours
  pool.Run([&last] { last.set_value(); });  // never refused
  gate.Open();
  last.get_future().wait();
}

TEST(ThreadPoolTest, AcceptsAgainOnceThereIsRoom) {
  std::promise<void> done;
  ThreadPool pool(1, 1);
  Gate gate(pool);
  Work first = [&done] { done.set_value(); };
  ASSERT_TRUE(pool.TryRun(first));
  Work second = [] {};
  ASSERT_FALSE(pool.TryRun(second));
  gate.Open();
  done.get_future().wait();
  EXPECT_TRUE(pool.TryRun(second));
}

TEST(ThreadPoolTest, WhatFinishesGoesBeforeWhatBegins) {
  std::vector<char> order;
  {
    ThreadPool pool(1, 10);
    Gate gate(pool);
    Work begin = [&order] { order.push_back('b'); };
    ASSERT_TRUE(pool.TryRun(begin));
    pool.Run([&order] { order.push_back('f'); });
    gate.Open();
  }
  EXPECT_THAT(order, testing::ElementsAre('f', 'b'));
}

TEST(ThreadPoolTest, DestructorRunsAllThatWaits) {
  std::atomic<int> ran = 0;
  {
    ThreadPool pool(3, 1000);
    for (int i = 0; i < 500; ++i) {
      Work work = [&ran] { ++ran; };
      ASSERT_TRUE(pool.TryRun(work));
      pool.Run([&ran] { ++ran; });
    }
  }
  EXPECT_EQ(ran, 1000);
}

TEST(ThreadPoolTest, WorkMayAddWork) {
  std::promise<void> done;
  {
    ThreadPool pool(1, 1);
    pool.Run([&] { pool.Run([&] { done.set_value(); }); });
  }
  EXPECT_EQ(done.get_future().wait_for(std::chrono::seconds(0)), std::future_status::ready);
}

TEST(ThreadPoolTest, ThreadsRunAtTheSameTime) {
  std::promise<void> ping;
  std::promise<void> pong;
  std::promise<void> end;
  ThreadPool pool(2, 10);
  pool.Run([&] {  // each waits for the other
    ping.set_value();
    pong.get_future().wait();
    end.set_value();
  });
  pool.Run([&] {
    ping.get_future().wait();
    pong.set_value();
  });
  end.get_future().wait();
}

}  // namespace
}  // namespace lingula
