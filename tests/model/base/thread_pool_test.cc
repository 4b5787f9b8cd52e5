#include "model/base/thread_pool.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <vector>

#include <gmock/gmock.h>

namespace lingula {
namespace {

// Keeps one thread of a pool busy until Open(). What the thread uses is its own, so that the gate
// may go before the thread has passed it.
class Gate {
 public:
  explicit Gate(ThreadPool& pool) {
    const auto entered = std::make_shared<std::promise<void>>();
    pool.Begin([entered, opened = open_.get_future().share()] {
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
    ThreadPool pool(1);
    for (int i = 0; i < 50; ++i) {
      pool.Begin([&order, i] { order.push_back(i); });
    }
  }
  ASSERT_EQ(order.size(), 50);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(order[i], i);
  }
}

TEST(ThreadPoolTest, WhatFinishesGoesBeforeWhatBegins) {
  std::vector<char> order;
  {
    ThreadPool pool(1);
    Gate gate(pool);
    pool.Begin([&order] { order.push_back('b'); });
    pool.Finish([&order] { order.push_back('f'); });
    gate.Open();
  }
  EXPECT_THAT(order, testing::ElementsAre('f', 'b'));
}

TEST(ThreadPoolTest, DestructorRunsAllThatWaits) {
  std::atomic<int> ran = 0;
  {
    ThreadPool pool(3);
    for (int i = 0; i < 500; ++i) {
      pool.Begin([&ran] { ++ran; });
      pool.Finish([&ran] { ++ran; });
    }
  }
  EXPECT_EQ(ran, 1000);
}

TEST(ThreadPoolTest, WorkMayAddWork) {
  std::promise<void> done;
  {
    ThreadPool pool(1);
    pool.Begin([&] { pool.Finish([&] { done.set_value(); }); });
  }
  EXPECT_EQ(done.get_future().wait_for(std::chrono::seconds(0)), std::future_status::ready);
}

TEST(ThreadPoolTest, ThreadsRunAtTheSameTime) {
  std::promise<void> ping;
  std::promise<void> pong;
  std::promise<void> end;
  ThreadPool pool(2);
  pool.Begin([&] {  // each waits for the other
    ping.set_value();
    pong.get_future().wait();
    end.set_value();
  });
  pool.Begin([&] {
    ping.get_future().wait();
    pong.set_value();
  });
  end.get_future().wait();
}

}  // namespace
}  // namespace lingula
