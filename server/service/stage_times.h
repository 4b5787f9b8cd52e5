// Where the time of a request goes.
#pragma once

#include <array>
#include <chrono>

#include "model/base/clock.h"
#include "server/metrics/metrics.h"

namespace lingula {

// Microseconds of each stage.
struct StageTimes {
  std::array<unsigned, kStages> us{};
  std::array<Instant, kStages> began{};  // of stages that took place
  unsigned& operator[](Stage stage) { return us[static_cast<size_t>(stage)]; }
  unsigned operator[](Stage stage) const { return us[static_cast<size_t>(stage)]; }
  // Of queue and network, one right after the other.
  void EndedAt(Instant end, unsigned queue_us, unsigned infer_us) {
    us[static_cast<size_t>(Stage::kQueue)] = queue_us;
    us[static_cast<size_t>(Stage::kInfer)] = infer_us;
    const Instant infer = end - std::chrono::microseconds(infer_us);
    began[static_cast<size_t>(Stage::kInfer)] = infer;
    began[static_cast<size_t>(Stage::kQueue)] = infer - std::chrono::microseconds(queue_us);
  }
};

// Runs `step` and keeps when it began and how long it took.
template <typename Step>
auto Timed(const Clock& clock, StageTimes& times, Stage stage, const Step& step) {
  const Instant start = times.began[static_cast<size_t>(stage)] = clock.Now();
  auto result = step();
  times[stage] = MicrosBetween(start, clock.Now());
  return result;
}

}  // namespace lingula
