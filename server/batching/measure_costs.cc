#include "server/batching/measure_costs.h"

#include <algorithm>

namespace lingula {
namespace {

constexpr int kRuns = 3;

}  // namespace

absl::StatusOr<std::vector<BatchCost>> MeasureCosts(Engine& engine, const Sample& sample,
                                                    int max_size, const Clock& clock) {
  std::vector<BatchCost> costs;
  for (int size = 1;; size = std::min(2 * size, max_size)) {
    const std::vector<const Sample*> batch(size, &sample);
    BatchCost best{size, std::chrono::microseconds::max()};
    for (int run = 0; run < kRuns; ++run) {
      const Instant start = clock.Now();
      const auto answers = engine.Predict(batch);
      if (!answers.front().ok()) {
        return answers.front().status();
      }
      best.took = std::min(best.took, std::chrono::microseconds(MicrosBetween(start, clock.Now())));
    }
    costs.push_back(best);
    if (size == max_size) {
      return costs;
    }
  }
}

}  // namespace lingula
