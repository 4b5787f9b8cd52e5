// What a sample pays for waiting in a queue when nobody else does.
#include <benchmark/benchmark.h>

#include "server/batching/batch_queue.h"

namespace lingula {
namespace {

Task Served(BatchQueue& queue, Instant deadline = Instant::max()) {
  Task task;
  Admission admission = queue.Admit(Flow(), deadline);
  benchmark::DoNotOptimize(queue.Push(std::move(admission.ticket), task));
  return task;
}

void BM_AdmitPushAndPop(benchmark::State& state) {
  BatchQueue::Options options;
  options.max_batch_size = 1;
  options.max_queued = 1;
  BatchQueue queue(options, Clock::Real());
  for (auto _ : state) {
    Served(queue);
    benchmark::DoNotOptimize(queue.TryPop());
    queue.Learn({1, std::chrono::microseconds(1)});
  }
}
BENCHMARK(BM_AdmitPushAndPop);

// The whole queue is planned anew for each newcomer and each batch.
void BM_AFullQueue(benchmark::State& state) {
  const auto waiting = static_cast<int>(state.range(0));
  BatchQueue::Options options;
  options.max_batch_size = 1;
  options.max_queued = waiting + 1;
  BatchQueue queue(options, Clock::Real(), {{{1, std::chrono::microseconds(10)}}});
  const Instant deadline = Clock::Real().Now() + std::chrono::hours(1);
  for (int i = 0; i < waiting; ++i) {
    Served(queue, deadline);
  }
  for (auto _ : state) {
    Served(queue, deadline);
    const Batch batch = queue.TryPop();
    benchmark::DoNotOptimize(batch.tasks.size());
    queue.Learn({static_cast<int>(batch.tasks.size()), std::chrono::microseconds(10)});
  }
}
BENCHMARK(BM_AFullQueue)->Arg(64)->Arg(1024);

}  // namespace
}  // namespace lingula
