#include "tests/bench/scale/replica.h"

#include <algorithm>
#include <utility>

namespace lingula::bench {
namespace {

double Seconds(Instant::duration time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

Replica::Replica(const ReplicaOptions& options, const test::FakeClock& clock, uint64_t seed,
                 std::vector<float>& latencies_ms)
    : options_(options),
      clock_(clock),
      latencies_ms_(latencies_ms),
      truth_(options.batching.max_batch_size),
      random_(seed),
      queue_(options.batching, clock, options.costs),
      running_(options.batching.instances) {
  for (const BatchCost& cost : options.costs) {
    truth_.Learn(cost);
  }
}

void Replica::Arrive(const Flow& flow, Instant deadline) {
  Admission admission = queue_.Admit(flow, deadline);
  if (!admission.status.ok()) {
    ++counts_.refused;
    return;
  }
  counts_.refused += admission.displaced.size();
  outstanding_ -= static_cast<int>(admission.displaced.size());
  Task task;
  if (queue_.Push(std::move(admission.ticket), task).ok()) {
    ++outstanding_;
  }
  for (size_t i = 0; i < running_.size(); ++i) {
    if (running_[i].end == Instant::max()) {
      return Begin(i);
    }
  }
}

Instant Replica::NextEnd() const {
  return std::min_element(running_.begin(), running_.end(),
                          [](const Running& a, const Running& b) { return a.end < b.end; })
      ->end;
}

void Replica::Work() {
  for (size_t i = 0; i < running_.size(); ++i) {
    if (running_[i].end <= clock_.Now()) {
      End(i);
      Begin(i);
    }
  }
}

void Replica::Begin(size_t instance) {
  Batch batch = queue_.TryPop(static_cast<int>(instance));
  Drop(batch.overdue);
  if (batch.tasks.empty()) {
    return;
  }
  for (const Task& task : batch.tasks) {
    counts_.waited_s += Waited(task);
  }
  counts_.left += batch.tasks.size();
  const auto expected = truth_.Expected(static_cast<int>(batch.tasks.size()));
  const double took_us =
      static_cast<double>(expected.count()) * options_.slowness * jitter_(random_);
  Running& running = running_[instance];
  running.batch = std::move(batch);
  running.start = clock_.Now();
  running.end = running.start + std::chrono::microseconds(static_cast<int64_t>(took_us));
}

void Replica::End(size_t instance) {
  Running running = std::exchange(running_[instance], Running());
  const auto took = running.end - running.start;
  const int size = static_cast<int>(running.batch.tasks.size());
  queue_.Learn({size, std::chrono::duration_cast<std::chrono::microseconds>(took)},
               static_cast<int>(instance));
  counts_.busy_s += Seconds(took);
  counts_.run += size;
  outstanding_ -= size;
  for (const Task& task : running.batch.tasks) {
    const bool in_time = running.end <= task.deadline;
    ++(in_time ? counts_.answered : counts_.expired);
    if (in_time) {
      latencies_ms_.push_back(static_cast<float>(1e3 * Seconds(running.end - task.queued)));
    }
  }
}

void Replica::Drop(std::vector<Task>& tasks) {
  for (const Task& task : tasks) {
    counts_.waited_s += Waited(task);
  }
  counts_.left += tasks.size();
  counts_.expired += tasks.size();
  outstanding_ -= static_cast<int>(tasks.size());
}

double Replica::Waited(const Task& task) const {
  return Seconds(clock_.Now() - task.queued);
}

}  // namespace lingula::bench
