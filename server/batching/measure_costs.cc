#include "server/batching/measure_costs.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "model/base/doublings.h"

namespace lingula {
namespace {

constexpr int kRuns = 3;

using Samples = std::vector<const Sample*>;

// Threads that run one batch after the other for as long as this lives. What they would complain
// of, whoever measures beside them sees too.
class Company {
 public:
  Company(Engine& engine, const Samples& batch, int threads) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this, &engine, &batch] {
        while (!stop_) {
          engine.Predict(batch);
        }
      });
    }
  }
  ~Company() {
    stop_ = true;
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

absl::StatusOr<BatchCost> CostOf(Engine& engine, const Samples& batch, const Clock& clock) {
  BatchCost best{static_cast<int>(batch.size()), std::chrono::microseconds::max()};
  for (int run = 0; run < kRuns; ++run) {
    const Instant start = clock.Now();
    const auto answers = engine.Predict(batch);
    if (!answers.front().ok()) {
      return answers.front().status();
    }
    best.took = std::min(best.took, std::chrono::microseconds(MicrosBetween(start, clock.Now())));
  }
  return best;
}

}  // namespace

absl::StatusOr<std::vector<BatchCost>> MeasureCosts(Engine& engine, const Sample& sample,
                                                    int max_size, int instances,
                                                    const Clock& clock) {
  std::vector<BatchCost> costs;
  for (const int size : Doublings(max_size)) {
    const Samples batch(size, &sample);
    const Company company(engine, batch, instances - 1);
    absl::StatusOr<BatchCost> cost = CostOf(engine, batch, clock);
    if (!cost.ok()) {
      return cost.status();
    }
    costs.push_back(*cost);
  }
  return costs;
}

}  // namespace lingula
