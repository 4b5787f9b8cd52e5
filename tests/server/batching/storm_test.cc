// Thousands of random schedules against the promises of docs/adr/0013, on a clock that jumps from
// event to event.
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "server/batching/batch_queue.h"
#include "tests/support/fake_clock.h"

namespace lingula {
namespace {

using std::chrono::microseconds;
using test::FakeClock;

constexpr int kSeeds = 4000;

// What became of a request.
enum class Fate { kOpen, kRefused, kDisplaced, kGivenBack, kOverdue, kAnswered };

struct Request {
  Flow flow;
  Instant deadline = Instant::max();
  std::atomic<bool> cancelled{false};
  Fate fate = Fate::kOpen;
  Instant answered{};
  bool waits = false;     // in the queue, ready
  bool hopeless = false;  // could not be in time even alone
  Ticket ticket;          // while it is prepared
};

// A machine whose batches cost exactly what the curve says.
class Storm {
 public:
  explicit Storm(unsigned seed) : random_(seed) {
    options_.max_batch_size = Draw(1, 8);
    options_.max_queued = options_.max_batch_size + Draw(0, 40);
    options_.max_delay = microseconds(Draw(0, 3) == 0 ? Draw(1, 20'000) : 0);
    options_.instances = Draw(0, 3) == 0 ? 2 : 1;
    start_us_ = Draw(0, 20'000);
    each_us_ = Draw(500, 20'000);
    prepares_ = Draw(0, 1) == 0;
    cancels_ = Draw(0, 2) == 0;
    load_ = 0.3 * Draw(1, 12);  // of what the engines can do in full batches
    std::vector<BatchCost> costs;
    for (int size = 1; size <= options_.max_batch_size; ++size) {
      costs.push_back({size, Cost(size)});
    }
    queue_ = std::make_unique<BatchQueue>(options_, clock_, costs);
    running_.resize(options_.instances);
  }

  void Run() {
    const double each = static_cast<double>(Cost(options_.max_batch_size).count()) /
                        options_.max_batch_size / options_.instances / load_;
    Instant at = clock_.Now();
    const int requests = Draw(1, 150);
    for (int i = 0; i < requests; ++i) {
      at += microseconds(Draw(0, 9) == 0 ? Draw(0, 300'000) : Draw(0, static_cast<int>(2 * each)));
      events_.emplace(at, [this] { Arrive(); });
    }
    while (!events_.empty()) {
      const auto next = events_.begin();
      clock_.Advance(next->first - clock_.Now());
      const auto event = std::move(next->second);
      events_.erase(next);
      event();
      Serve();
    }
  }

  void Check() const {
    for (const auto& request : requests_) {
      ASSERT_NE(request->fate, Fate::kOpen) << "lost";
      const bool in_time = request->answered <= request->deadline;
      if (request->fate == Fate::kAnswered && !request->hopeless) {
        ASSERT_TRUE(in_time) << "ran although it could not be in time";
      }
      if (request->fate == Fate::kOverdue && !prepares_ && !request->hopeless) {
        ASSERT_TRUE(request->cancelled) << "let in, and late all the same";
      }
    }
    EXPECT_EQ(queue_->depth(), 0);
  }

  std::string Describe() const {
    return absl::StrCat("batch ", options_.max_batch_size, ", places ", options_.max_queued,
                        ", delay ", options_.max_delay.count(), " us, instances ",
                        options_.instances, ", cost ", start_us_, " + ", each_us_, " us, load ",
                        load_, prepares_ ? ", prepares" : "", cancels_ ? ", cancels" : "");
  }
  int Count(Fate fate) const {
    int count = 0;
    for (const auto& request : requests_) {
      count += request->fate == fate ? 1 : 0;
    }
    return count;
  }

 private:
  int Draw(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  microseconds Cost(int size) const { return microseconds(start_us_ + each_us_ * size); }

  void Close(Request& request, Fate fate) {
    ASSERT_EQ(request.fate, Fate::kOpen) << "answered twice";
    request.waits = false;
    request.fate = fate;
    request.answered = clock_.Now();
  }

  void Arrive() {
    const size_t number = requests_.size();
    requests_.push_back(std::make_unique<Request>());
    Request& request = *requests_.back();
    request.flow.caller = static_cast<uint64_t>(Draw(0, 9) < 6 ? 0 : Draw(1, 3));
    request.flow.stream = static_cast<uint64_t>(Draw(0, 2));
    if (Draw(0, 4) != 0) {
      request.deadline =
          clock_.Now() + microseconds(Draw(0, 10 * static_cast<int>(Cost(8).count())));
    }
    request.hopeless = request.deadline < clock_.Now() + Cost(1);
    Admission admission = queue_->Admit(request.flow, request.deadline);
    for (Task& task : admission.displaced) {
      task.done(absl::ResourceExhaustedError("gave way"), BatchReceipt());
    }
    if (!admission.status.ok()) {
      EXPECT_GT(admission.retry_after.count(), 0);
      return Close(request, Fate::kRefused);
    }
    if (cancels_ && Draw(0, 5) == 0) {
      events_.emplace(clock_.Now() + microseconds(Draw(0, 100'000)),
                      [&request] { request.cancelled = true; });
    }
    request.ticket = std::move(admission.ticket);
    const auto ready = clock_.Now() + microseconds(prepares_ ? Draw(0, 30'000) : 0);
    if (ready > clock_.Now()) {
      events_.emplace(ready, [this, &request, number] { Ready(request, number); });
    } else {
      Ready(request, number);
    }
  }

  void Ready(Request& request, size_t number) {
    if (prepares_ && Draw(0, 9) == 0) {  // a picture that cannot be decoded
      request.ticket = Ticket();
      return Close(request, Fate::kGivenBack);
    }
    Task task;
    task.cancelled = &request.cancelled;
    task.sample.free_text = absl::StrCat(number);
    task.done = [this, &request](const absl::StatusOr<Prediction>& answer, const BatchReceipt&) {
      Close(request, answer.ok()                                  ? Fate::kAnswered
                     : absl::IsResourceExhausted(answer.status()) ? Fate::kDisplaced
                                                                  : Fate::kOverdue);
    };
    if (!queue_->Push(std::move(request.ticket), task).ok()) {
      return Close(request, Fate::kDisplaced);
    }
    request.waits = true;
  }

  void Serve() {
    for (int instance = 0; instance < options_.instances; ++instance) {
      if (!running_[instance].empty()) {
        continue;
      }
      const bool had_work = queue_->depth() > 0;
      Batch batch = queue_->TryPop(instance);
      for (Task& task : batch.overdue) {
        task.done(absl::DeadlineExceededError(""), BatchReceipt());
      }
      if (batch.tasks.empty()) {
        if (options_.max_delay.count() == 0) {
          EXPECT_TRUE(!had_work || !batch.overdue.empty()) << "idle while work waits";
        }
        if (queue_->depth() > 0 && !looks_again_) {  // waits for company
          looks_again_ = true;
          events_.emplace(clock_.Now() + microseconds(100), [this] { looks_again_ = false; });
        }
        continue;
      }
      EXPECT_LE(batch.tasks.size(), static_cast<size_t>(options_.max_batch_size));
      const microseconds cost = Cost(static_cast<int>(batch.tasks.size()));
      NoteHopeless(batch.tasks);
      running_[instance] = std::move(batch.tasks);
      events_.emplace(clock_.Now() + cost, [this, instance, cost] { End(instance, cost); });
    }
  }

  // A lone task may run although it will be late, if nothing that waits could be in time: its cost
  // is learned then.
  void NoteHopeless(const std::vector<Task>& tasks) {
    const Instant end = clock_.Now() + Cost(1);
    for (const Task& task : tasks) {
      requests_[std::stoi(task.sample.free_text)]->waits = false;
    }
    if (tasks.size() == 1 && tasks[0].deadline < end) {
      requests_[std::stoi(tasks[0].sample.free_text)]->hopeless = true;
      for (const auto& request : requests_) {
        EXPECT_FALSE(request->waits && request->deadline >= end) << "passed over for a lost cause";
      }
    }
  }

  void End(int instance, microseconds cost) {
    queue_->Learn({static_cast<int>(running_[instance].size()), cost}, instance);
    for (Task& task : running_[instance]) {
      task.done(Prediction(), BatchReceipt());
    }
    running_[instance].clear();
  }

  std::mt19937 random_;
  FakeClock clock_;
  BatchQueue::Options options_;
  int start_us_ = 0, each_us_ = 0;
  bool prepares_ = false, cancels_ = false;
  double load_ = 1;
  bool looks_again_ = false;
  std::unique_ptr<BatchQueue> queue_;
  std::vector<std::unique_ptr<Request>> requests_;  // hold tickets: go before the queue
  std::multimap<Instant, std::function<void()>> events_;
  std::vector<std::vector<Task>> running_;  // by instance
};

TEST(Storm, NoRequestIsLostAnsweredTwiceOrLateForNoReason) {
  std::map<Fate, int> fates;
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    Storm storm(seed);
    SCOPED_TRACE(absl::StrCat("seed ", seed, ": ", storm.Describe()));
    storm.Run();
    storm.Check();
    for (const Fate fate :
         {Fate::kRefused, Fate::kDisplaced, Fate::kGivenBack, Fate::kOverdue, Fate::kAnswered}) {
      fates[fate] += storm.Count(fate);
    }
    if (HasFailure()) {
      return;
    }
  }
  for (const auto& [fate, count] : fates) {
    EXPECT_GT(count, kSeeds / 10) << "fate " << static_cast<int>(fate) << " was hardly tried";
  }
}

}  // namespace
}  // namespace lingula
