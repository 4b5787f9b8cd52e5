// A server that is run on paper: the real queue, admission and batching under a clock that jumps.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "server/batching/batch_queue.h"
#include "tests/support/fake_clock.h"

namespace lingula::bench {

// What a server counts from its start on, as its metrics do.
struct Counts {
  uint64_t run = 0;       // samples that went through the network
  uint64_t answered = 0;  // of them in time
  uint64_t refused = 0;   // at the door, or displaced
  uint64_t expired = 0;
  uint64_t left = 0;    // the queue, to whatever end
  double busy_s = 0;    // of all instances
  double waited_s = 0;  // of all that left the queue
};

struct ReplicaOptions {
  BatchQueue::Options batching;
  std::vector<BatchCost> costs;  // what a batch takes, beside a busy neighbour
  double slowness = 1;           // of this machine: times the costs
};

// Threads  None.
class Replica {
 public:
  // Borrows `clock`. `latencies_ms` hears of each answer; it outlives this.
  Replica(const ReplicaOptions& options, const test::FakeClock& clock, uint64_t seed,
          std::vector<float>& latencies_ms);

  // A picture at the door, now.
  void Arrive(const Flow& flow, Instant deadline);
  // When the next batch ends; max: none runs.
  Instant NextEnd() const;
  // Ends the batches that end now, and begins what waits.
  void Work();
  // Accepted and not answered yet.
  int outstanding() const { return outstanding_; }
  bool idle() const { return outstanding_ == 0; }
  const Counts& counts() const { return counts_; }
  int instances() const { return static_cast<int>(running_.size()); }

 private:
  struct Running {
    Batch batch;
    Instant start{}, end = Instant::max();
  };

  void Begin(size_t instance);
  void End(size_t instance);
  void Drop(std::vector<Task>& tasks);
  double Waited(const Task& task) const;

  const ReplicaOptions options_;
  const test::FakeClock& clock_;
  std::vector<float>& latencies_ms_;
  CostCurve truth_;
  std::mt19937_64 random_;
  std::lognormal_distribution<double> jitter_{0, 0.05};
  BatchQueue queue_;
  std::vector<Running> running_;  // by instance
  Counts counts_;
  int outstanding_ = 0;
};

}  // namespace lingula::bench
