// Who waits for an answer.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "model/base/clock.h"
#include "server/tracing/trace_context.h"

namespace lingula {

class Smoothing;

// What is known of a call besides its message.
struct Caller {
  Instant arrived;
  Instant deadline = Instant::max();
  const std::atomic<bool>* cancelled = nullptr;  // borrowed until the call is answered; null: never
  // Between whom the engine is shared out: callers (Pass::number), then the streams of one caller.
  uint64_t caller = 0;
  uint64_t stream = 0;  // 0: unary calls
  // Who calls, as far as that is established; for the audit, never for logs or metrics.
  std::string name = "anonymous";
  const char* method = "Segment";
  // False: whoever submits counts the call in metrics.
  bool is_counted = true;
  // Of the call; a request that is not the whole call is a part of it.
  CallTrace trace;
  bool is_whole_call = true;
  // Mixes the masks of a stream, whose frames then come one at a time; null: each stands alone.
  Smoothing* smoothing = nullptr;
};

// OK while somebody waits for the answer, else DEADLINE_EXCEEDED or CANCELLED.
absl::Status CheckAwaited(const Caller& caller, Instant now);

// The host of what gRPC calls a peer: "ipv4:10.0.0.7:50123", "ipv6:%5B::1%5D:50123", "unix:".
std::string HostOf(const std::string& peer);

}  // namespace lingula
