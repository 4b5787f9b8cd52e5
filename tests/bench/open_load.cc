#include "tests/bench/open_load.h"

#include <algorithm>
#include <memory>
#include <queue>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/base/clock.h"
#include "model/base/mutex.h"

namespace lingula::bench {
namespace {

// Counts calls that are on their way. Thread-safe.
class OnTheWay {
 public:
  void Add() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    ++calls_;
  }
  void Remove() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    if (--calls_ == 0) {
      none_.NotifyAll();
    }
  }
  void WaitForNone() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (calls_ > 0) {
      none_.Wait(mu_);
    }
  }

 private:
  Mutex mu_;
  CondVar none_;
  int calls_ ABSL_GUARDED_BY(mu_) = 0;
};

// Shared by gRPC, which answers it, and by the sender, which may cancel it at the same moment.
struct Call {
  grpc::ClientContext context;
  grpc::ByteBuffer request, answer;
};

struct Cancel {
  Nanos at;
  std::shared_ptr<Call> call;
  bool operator>(const Cancel& other) const { return at > other.at; }
};

class Sender {
 public:
  Sender(const OpenLoad& load, Connections& connections, Ledger& ledger)
      : load_(load),
        connections_(connections),
        ledger_(ledger),
        start_(Clock::Real().Now()),
        wall_start_(std::chrono::system_clock::now()) {}

  void Run() {
    for (size_t next = 0; next < load_.requests.size() || !cancels_.empty();) {
      const bool request_left = next < load_.requests.size();
      if (!cancels_.empty() && (!request_left || cancels_.top().at < load_.requests[next].at)) {
        std::this_thread::sleep_until(start_ + cancels_.top().at);
        cancels_.top().call->context.TryCancel();
        cancels_.pop();
      } else {
        std::this_thread::sleep_until(start_ + load_.requests[next].at);
        Send(next++);
      }
    }
    on_the_way_.WaitForNone();
  }

 private:
  Nanos Now() const { return Clock::Real().Now() - start_; }

  void Send(size_t number) {
    const Planned& request = load_.requests[number];
    const auto call = std::make_shared<Call>();
    const Nanos deadline = request.at + request.deadline.value_or(kPatience);
    call->context.set_deadline(
        wall_start_ + std::chrono::duration_cast<std::chrono::system_clock::duration>(deadline));
    call->request = load_.inputs[static_cast<size_t>(request.input)].Buffer(
        load_.number_requests ? absl::StrCat(number) : "");
    if (request.cancel_after.has_value()) {
      cancels_.push({request.at + *request.cancel_after, call});
    }
    on_the_way_.Add();
    ledger_.Sent(number, Now());
    connections_.stub(number).UnaryCall(
        &call->context, kSegmentMethod, grpc::StubOptions(), &call->request, &call->answer,
        [this, number, call](const grpc::Status& status) { Answered(number, *call, status); });
  }

  void Answered(size_t number, const Call& call, const grpc::Status& status) {
    const Nanos now = Now();
    const bool wrong =
        status.ok() && load_.is_right != nullptr && !load_.is_right(number, call.answer);
    ledger_.Answered(number, status.error_code(), wrong, now);
    on_the_way_.Remove();  // last: the sender may be gone after it
  }

  const OpenLoad& load_;
  Connections& connections_;
  Ledger& ledger_;
  const Instant start_;
  const std::chrono::system_clock::time_point wall_start_;  // the same moment, as gRPC counts
  std::priority_queue<Cancel, std::vector<Cancel>, std::greater<>> cancels_;
  OnTheWay on_the_way_;
};

}  // namespace

void Run(const OpenLoad& load, Connections& connections, Ledger& ledger) {
  Sender(load, connections, ledger).Run();
}

}  // namespace lingula::bench
