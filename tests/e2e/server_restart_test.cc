// A rolling restart behind one address: callers who keep calling with the default retry policy see
// no failure while a server drains, is gone for a moment, and another one starts on its port.
#include <atomic>
#include <thread>
#include <vector>

#include "client/client.h"
#include "tests/e2e/server_fixture.h"

namespace lingula {
namespace {

using test::GoodPng;

constexpr int kRestarts = 3;
constexpr int kCallers = 4;

class Answers {
 public:
  void Add() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    ++count_;
    more_.NotifyAll();
  }
  void WaitForMore(int more) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    for (const int until = count_ + more; count_ < until;) {
      more_.Wait(mu_);
    }
  }

 private:
  Mutex mu_;
  CondVar more_;
  int count_ ABSL_GUARDED_BY(mu_) = 0;
};

class RestartTest : public test::ServerTest {
 protected:
  RestartTest() { config_.batching.max_queued = 64; }  // nobody is refused for load
};

TEST_F(RestartTest, FailsNoCallOfAClientWithTheDefaultPolicy) {
  config_.port = server_->port();  // of all servers that follow
  ClientOptions options;
  options.target = absl::StrCat("127.0.0.1:", config_.port);
  std::atomic<bool> enough{false};
  Answers answers;
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    auto client = Client::Connect(options);
    ASSERT_THAT(client, test::IsOk());
    callers.emplace_back([&answers, &enough, client = *std::move(client)] {
      while (!enough) {
        EXPECT_EQ(client->Segment(Request(GoodPng())).status(), absl::OkStatus());
        answers.Add();
      }
    });
  }
  for (int restart = 0; restart < kRestarts; ++restart) {
    answers.WaitForMore(10 * kCallers);
    server_->Drain();
    server_.reset();  // nobody listens
    SetUp();
  }
  answers.WaitForMore(10 * kCallers);
  enough = true;
  for (std::thread& caller : callers) {
    caller.join();
  }
}

}  // namespace
}  // namespace lingula
