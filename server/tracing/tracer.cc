#include "server/tracing/tracer.h"

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"

namespace lingula {
namespace {

// Longer ones need not be handed on.
constexpr size_t kLongestState = 512;

std::mt19937_64& Random() {
  thread_local std::mt19937_64 random((static_cast<uint64_t>(std::random_device()()) << 32) ^
                                      std::random_device()());
  return random;
}

// Not all zero.
template <typename Id>
Id FreshId() {
  Id id{};
  while (id == Id{}) {
    std::generate(id.begin(), id.end(), [] { return static_cast<uint8_t>(Random()()); });
  }
  return id;
}

absl::string_view View(const grpc::string_ref& text) {
  return {text.data(), text.length()};
}

// All values of `name`, joined as HTTP joins them; no more than are worth looking at.
std::string Joined(const grpc::ServerContextBase& context, const char* name) {
  std::string joined;
  const auto [begin, end] = context.client_metadata().equal_range(name);
  for (auto it = begin; it != end && joined.size() <= kLongestState; ++it) {
    absl::StrAppend(&joined, it == begin ? "" : ",", View(it->second));
  }
  return joined;
}

}  // namespace

SpanId FreshSpanId() {
  return FreshId<SpanId>();
}

CallTrace Tracer::Begin(grpc::ServerContextBase& context) const {
  CallTrace call;
  // Two headers, joined by a comma, are no valid one.
  const std::optional<TraceContext> caller = ParseTraceparent(Joined(context, "traceparent"));
  if (caller.has_value()) {
    call.span = *caller;
    std::string state = Joined(context, "tracestate");
    call.span.state = state.size() <= kLongestState ? std::move(state) : "";
    call.parent = caller->span_id;
  } else if (records_) {
    call.span.sampled = std::uniform_real_distribution<double>()(Random()) < ratio_;
    call.span.trace_id = FreshId<TraceId>();
  }
  if (records_) {
    call.span.span_id = FreshSpanId();
  }
  if (call.span.exists()) {
    context.AddInitialMetadata("traceparent", FormatTraceparent(call.span));
  }
  return call;
}

}  // namespace lingula
