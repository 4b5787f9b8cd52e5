// Replicas behind a balancer, and what their metrics would say.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "tests/bench/scale/replica.h"
#include "tests/support/fake_clock.h"

namespace lingula::bench {

// Who gets the next picture.
enum class Balance {
  kPinned,        // one connection a caller, as a plain Service gives it
  kRoundRobin,    // each caller in turn, as gRPC's round_robin does
  kLeastRequest,  // of two drawn by lot the one with less to do, as proxies do
};

struct FleetOptions {
  ReplicaOptions replica;
  Balance balance = Balance::kRoundRobin;
  int callers = 20;
  double start_s = 45;    // until a new replica serves
  double slow_share = 0;  // of the replicas, whose passes take longer,
  double slowness = 1.5;  // by this
  double window_s = 60;   // over which rates are taken
  double scrape_s = 15;
  uint64_t seed = 1;
};

// Figures of one replica, as its recording rules have them.
struct Figures {
  double queue_delay_s = 0, busy = 0, offered_load = 0;
};

// Threads  None.
class Fleet {
 public:
  explicit Fleet(const FleetOptions& options) : options_(options), random_(options.seed) {}

  double now_s() const;
  // Runs until then, but for arrivals.
  void RunUntil(double time_s);
  // A picture of a caller drawn by lot.
  void Arrive(double patience_s);
  // Newcomers serve after start_s, or at once; who goes finishes what it has.
  void SetReplicas(int replicas, bool at_once = false);
  int replicas() const { return static_cast<int>(pods_.size()); }
  // Takes what metrics say now; to be called each scrape_s.
  void Scrape();
  // By replica, those that are younger than two scrapes have none.
  std::vector<std::optional<Figures>> figures() const;
  // Of all replicas there ever were.
  Counts Total() const;
  // Refused since nobody served, by the balancer itself.
  uint64_t turned_away() const { return turned_away_; }
  const std::vector<float>& latencies_ms() const { return latencies_ms_; }

 private:
  struct Pod {
    std::unique_ptr<Replica> replica;
    Instant ready{};
    std::deque<Counts> scrapes;
  };

  Replica* Choose(uint64_t caller);
  std::vector<Replica*> Ready() const;

  const FleetOptions options_;
  test::FakeClock clock_;
  const Instant start_ = clock_.Now();
  std::mt19937_64 random_;
  std::vector<float> latencies_ms_;
  std::vector<Pod> pods_;
  std::vector<std::unique_ptr<Replica>> leaving_;
  std::vector<uint64_t> turns_ = std::vector<uint64_t>(options_.callers);
  Counts gone_;
  uint64_t turned_away_ = 0;
  uint64_t born_ = 0;
};

}  // namespace lingula::bench
