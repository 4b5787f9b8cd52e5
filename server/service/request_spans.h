// Requests as spans of traces.
#pragma once

#include "server/service/request_observer.h"
#include "server/tracing/span_exporter.h"

namespace lingula {

// A span for each call, below it one for each request where a call has several, below that one for
// each stage. Nothing that a caller sent is in them but the trace's own ids.
class RequestSpans final : public RequestObserver {
 public:
  // Borrows both.
  RequestSpans(SpanExporter& exporter, const Clock& clock) : exporter_(exporter), clock_(clock) {}

  absl::Status MayServe() const override { return absl::OkStatus(); }
  void Answered(const AnsweredRequest& request) override;
  void CallEnded(const Caller& caller, const absl::Status& status) override;

 private:
  SpanExporter& exporter_;
  const Clock& clock_;
};

}  // namespace lingula
