// W3C Trace Context: which trace a call belongs to.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace lingula {

using TraceId = std::array<uint8_t, 16>;
using SpanId = std::array<uint8_t, 8>;

// A span: what work that it causes names as its parent.
struct TraceContext {
  TraceId trace_id{};
  SpanId span_id{};
  bool sampled = false;
  std::string state;  // tracestate: others' entries, handed on as they are

  // False: the call belongs to no trace.
  bool exists() const { return trace_id != TraceId{}; }
};

// A call's place in its trace.
struct CallTrace {
  TraceContext span;  // of the call itself
  SpanId parent{};    // zero: it is the first of its trace
};

// What a traceparent header says; nothing when it is not valid.
std::optional<TraceContext> ParseTraceparent(absl::string_view header);
// Version 00.
std::string FormatTraceparent(const TraceContext& context);
// Hexadecimal; empty when there is no trace.
std::string TraceIdText(const TraceContext& context);
// Bytes of an id, as OTLP has them.
template <typename Id>
std::string BytesOf(const Id& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

}  // namespace lingula
