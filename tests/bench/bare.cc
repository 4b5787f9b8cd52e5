#include "tests/bench/bare.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "model/backend/load_engine.h"
#include "model/base/cores.h"
#include "model/base/status_macros.h"

namespace lingula::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

// One pass after the other until `end`; how many there were, the last one counted by the part of it
// that lay before the end.
absl::StatusOr<double> PassesUntil(Engine& engine, const std::vector<const Sample*>& samples,
                                   SteadyClock::time_point end) {
  double passes = 0;
  for (auto start = SteadyClock::now(); start < end;) {
    LINGULA_RETURN_IF_ERROR(engine.Predict(samples)[0].status());
    const auto now = SteadyClock::now();
    const std::chrono::duration<double> whole = now - start, before = std::min(now, end) - start;
    passes += before / whole;
    start = now;
  }
  return passes;
}

}  // namespace

absl::StatusOr<double> ImagesPerSecond(Engine& engine, const Sample& sample, int batch,
                                       const CpuShare& share, std::chrono::milliseconds duration) {
  const std::vector<const Sample*> samples(batch, &sample);
  UseThreads(share.threads);
  LINGULA_RETURN_IF_ERROR(engine.Predict(samples)[0].status());  // the first one prepares
  const auto end = SteadyClock::now() + duration;
  std::vector<absl::StatusOr<double>> passes(share.instances, 0.0);
  std::vector<std::thread> beside;
  for (int i = 1; i < share.instances; ++i) {
    beside.emplace_back([&, i] { passes[i] = PassesUntil(engine, samples, end); });
  }
  passes[0] = PassesUntil(engine, samples, end);
  for (std::thread& thread : beside) {
    thread.join();
  }
  UseThreads(AllCores().threads);
  double images = 0;
  for (const absl::StatusOr<double>& one : passes) {
    LINGULA_RETURN_IF_ERROR(one.status());
    images += *one * batch;
  }
  return images / std::chrono::duration<double>(duration).count();
}

CpuShare AllCores() {
  return {1, static_cast<int>(AllowedCores().size())};
}

}  // namespace lingula::bench
