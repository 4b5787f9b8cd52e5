// Sends spans to a collector.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "model/base/mutex.h"
#include "opentelemetry/proto/trace/v1/trace.pb.h"

namespace lingula {

using OtlpSpan = opentelemetry::proto::trace::v1::Span;

// Since the start.
struct SpanCounts {
  int64_t exported = 0;
  int64_t dropped = 0;  // no room, or not taken by the collector
};

// Takes spans from any thread and sends them on one of its own.
// Threads  Thread-safe. Nothing here waits for the collector but Flush and the destructor, and they
//          for `timeout` at most.
class SpanExporter {
 public:
  struct Options {
    std::string endpoint = "127.0.0.1:4317";  // any gRPC target; not encrypted
    size_t max_queued = 4096;                 // spans
    size_t max_batch = 512;
    std::chrono::milliseconds interval{1000};  // between batches that are not full
    std::chrono::milliseconds timeout{2000};   // of a batch; a collector that is away is waited for
    std::function<void(const SpanCounts&)> report = [](const SpanCounts&) {};
  };

  explicit SpanExporter(Options options);
  ~SpanExporter();
  SpanExporter(const SpanExporter&) = delete;
  SpanExporter& operator=(const SpanExporter&) = delete;

  // Never waits: spans beyond max_queued are dropped and counted.
  void Append(std::vector<OtlpSpan> spans) ABSL_LOCKS_EXCLUDED(mu_);
  // Waits until what was appended before is sent or dropped.
  void Flush() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Collector;  // a connection

  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  // Until there is reason to send; false when it is time to end and nothing is left.
  bool Take(std::vector<OtlpSpan>& batch) ABSL_LOCKS_EXCLUDED(mu_);
  bool Send(std::vector<OtlpSpan> batch);

  const Options options_;
  const std::unique_ptr<Collector> collector_;
  Mutex mu_;
  CondVar wake_, idle_;
  std::vector<OtlpSpan> queue_ ABSL_GUARDED_BY(mu_);
  SpanCounts counts_ ABSL_GUARDED_BY(mu_);
  int flushing_ ABSL_GUARDED_BY(mu_) = 0;
  bool sending_ ABSL_GUARDED_BY(mu_) = false, ending_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace lingula
