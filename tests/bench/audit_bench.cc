// What the audit log costs the thread of a request, and what its own thread can do.
#include <benchmark/benchmark.h>

#include "server/audit/audit_log.h"
#include "tests/server/audit/fake_disk.h"
#include "tests/support/temp_folder.h"

namespace lingula {
namespace {

AuditLog::Options Options() {
  AuditLog::Options options;
  options.writer.keys = test::FakeKeys();
  return options;
}

// The description of a request is made, and moved into the queue; the writer works beside it. Fewer
// in all than the queue holds, so that none is dropped, which would be cheaper.
void BM_AuditAppend(benchmark::State& state) {
  const test::TempFolder folder;
  AuditLog::Options options = Options();
  options.max_queued = 1 << 20;
  const auto log = *AuditLog::Open(options, *OpenAuditFolder(folder.path()));
  for (auto _ : state) {
    log->Append(test::FakeEvent());
  }
}
BENCHMARK(BM_AuditAppend)->Iterations(200'000)->UseRealTime();

// Fields, hash, seal and file, a hundred records at a time.
void BM_AuditWrite(benchmark::State& state) {
  constexpr int kBatch = 100;
  const test::TempFolder folder;
  const auto disk = *OpenAuditFolder(folder.path());
  const auto writer = *AuditWriter::Open(Options().writer, *disk);
  const AuditEvent event = test::FakeEvent();
  for (auto _ : state) {
    for (int i = 0; i < kBatch; ++i) {
      writer->Add(event);
    }
    if (!writer->Write().ok()) {
      state.SkipWithError("the log cannot be written");
    }
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(BM_AuditWrite);

}  // namespace
}  // namespace lingula
