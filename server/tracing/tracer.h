// Decides which trace a call belongs to, and whether it is recorded.
#pragma once

#include <grpcpp/server_context.h>

#include "server/tracing/trace_context.h"

namespace lingula {

// Any free span id.
SpanId FreshSpanId();

// Thread-safe.
class Tracer {
 public:
  // Nothing is recorded: the call's span is its caller's.
  Tracer() = default;
  // `ratio` in [0, 1]: of traces that begin here.
  explicit Tracer(double ratio) : records_(true), ratio_(ratio) {}

  // Of a call that has begun: reads its metadata, and adds traceparent to its answer's initial
  // metadata where there is a trace. Before those are sent.
  CallTrace Begin(grpc::ServerContextBase& context) const;

 private:
  bool records_ = false;
  double ratio_ = 0;
};

}  // namespace lingula
