// What a sample pays for waiting in a queue when nobody else does.
#include <benchmark/benchmark.h>

#include "server/batching/batch_queue.h"

namespace lingula {
namespace {

void BM_PushAndPop(benchmark::State& state) {
  BatchQueue::Options options;
  options.max_batch_size = 1;
  options.max_queued = 1;
  BatchQueue queue(options, Clock::Real());
  for (auto _ : state) {
    Task task;
    benchmark::DoNotOptimize(queue.Push(task));
    benchmark::DoNotOptimize(queue.TryPop());
  }
}
BENCHMARK(BM_PushAndPop);

// The whole queue is looked through for overdue samples each time.
void BM_PopFromAFullQueue(benchmark::State& state) {
  const auto waiting = static_cast<int>(state.range(0));
  BatchQueue::Options options;
  options.max_batch_size = 1;
  options.max_queued = waiting + 1;
  BatchQueue queue(options, Clock::Real());
  for (int i = 0; i < waiting; ++i) {
    Task task;
    benchmark::DoNotOptimize(queue.Push(task));
  }
  for (auto _ : state) {
    Task task;
    benchmark::DoNotOptimize(queue.Push(task));
    benchmark::DoNotOptimize(queue.TryPop());
  }
}
BENCHMARK(BM_PopFromAFullQueue)->Arg(64)->Arg(1024);

}  // namespace
}  // namespace lingula
