#include "server/batching/measure_costs.h"

#include <algorithm>

namespace lingula {

absl::StatusOr<std::vector<BatchCost>> MeasureCosts(Engine& engine, const Sample& sample,
                                                    int max_size, const Clock& clock) {
  std::vector<BatchCost> costs;
  for (int size = 1;; size = std::min(2 * size, max_size)) {
    const std::vector<const Sample*> batch(size, &sample);
    const Instant start = clock.Now();
    const auto answers = engine.Predict(batch);
    costs.push_back({size, std::chrono::microseconds(MicrosBetween(start, clock.Now()))});
    if (!answers.front().ok()) {
      return answers.front().status();
    }
    if (size == max_size) {
      return costs;
    }
  }
}

}  // namespace lingula
