#include "server/service/request_spans.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/tracing/tracer.h"

namespace lingula {
namespace {

constexpr const char* kStageNames[] = {"decode", "preprocess",  "queue",
                                       "infer",  "postprocess", "encode"};
constexpr int kStageSpans = 6;
static_assert(kStageSpans == static_cast<int>(Stage::kTotal), "all but the total");

// The two clocks at one moment.
struct Now {
  explicit Now(const Clock& clock)
      : instant(clock.Now()),
        unix_ns(std::chrono::duration_cast<std::chrono::nanoseconds>(
                    std::chrono::system_clock::now().time_since_epoch())
                    .count()) {}
  uint64_t UnixNanos(Instant then) const {
    return static_cast<uint64_t>(
        unix_ns - std::chrono::duration_cast<std::chrono::nanoseconds>(instant - then).count());
  }

  const Instant instant;
  const int64_t unix_ns;
};

OtlpSpan SpanIn(const TraceContext& trace, const SpanId& id, const std::string& name,
                uint64_t start, uint64_t end) {
  OtlpSpan span;
  span.set_trace_id(BytesOf(trace.trace_id));
  span.set_span_id(BytesOf(id));
  span.set_trace_state(trace.state);
  span.set_flags(1);
  span.set_kind(OtlpSpan::SPAN_KIND_INTERNAL);
  span.set_name(name);
  span.set_start_time_unix_nano(start);
  span.set_end_time_unix_nano(end);
  return span;
}

auto& Attribute(const char* key, OtlpSpan& span) {
  auto& attribute = *span.add_attributes();
  attribute.set_key(key);
  return *attribute.mutable_value();
}

// Of a server, OpenTelemetry calls only its own faults errors.
bool IsOwnFault(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDataLoss:
      return true;
    default:
      return false;
  }
}

void SetOutcome(const absl::Status& status, OtlpSpan& span) {
  Attribute("rpc.grpc.status_code", span).set_int_value(static_cast<int>(status.code()));
  if (IsOwnFault(status)) {
    span.mutable_status()->set_code(opentelemetry::proto::trace::v1::Status::STATUS_CODE_ERROR);
    // Not the message: it may speak of the request.
    span.mutable_status()->set_message(absl::StatusCodeToString(status.code()));
  }
}

// The span of the call itself.
OtlpSpan CallSpan(const Caller& caller, const absl::Status& status, const Now& now) {
  OtlpSpan span = SpanIn(caller.trace.span, caller.trace.span.span_id, caller.method,
                         now.UnixNanos(caller.arrived), now.UnixNanos(now.instant));
  span.set_kind(OtlpSpan::SPAN_KIND_SERVER);
  if (caller.trace.parent != SpanId{}) {
    span.set_parent_span_id(BytesOf(caller.trace.parent));
  }
  Attribute("rpc.system", span).set_string_value("grpc");
  Attribute("rpc.method", span).set_string_value(caller.method);
  SetOutcome(status, span);
  return span;
}

// A frame of a stream, an image of a ModelInfer call.
OtlpSpan PartSpan(const Caller& caller, const absl::Status& status, const Now& now) {
  OtlpSpan span = SpanIn(caller.trace.span, FreshSpanId(),
                         absl::StrCat(caller.method, caller.stream != 0 ? " frame" : " image"),
                         now.UnixNanos(caller.arrived), now.UnixNanos(now.instant));
  span.set_parent_span_id(BytesOf(caller.trace.span.span_id));
  SetOutcome(status, span);
  return span;
}

}  // namespace

void RequestSpans::Answered(const AnsweredRequest& request) {
  const Caller& caller = request.caller;
  const bool never_began = !caller.is_whole_call && request.job.model == nullptr;
  if (!caller.trace.span.sampled || never_began) {
    return;
  }
  const Now now(clock_);
  const absl::Status& status = request.result.status();
  std::vector<OtlpSpan> spans;
  spans.reserve(kStageSpans + 1);
  spans.push_back(caller.is_whole_call ? CallSpan(caller, status, now)
                                       : PartSpan(caller, status, now));
  OtlpSpan& whole = spans.front();
  if (request.job.model != nullptr) {
    Attribute("lingula.model", whole).set_string_value(request.job.model->id());
  }
  if (request.batch.batch_size > 0) {
    Attribute("lingula.batch_size", whole).set_int_value(request.batch.batch_size);
  }
  for (int stage = 0; stage < kStageSpans; ++stage) {
    const Instant began = request.times.began[stage];
    if (began != Instant{}) {
      const uint64_t start = now.UnixNanos(began);
      OtlpSpan span = SpanIn(caller.trace.span, FreshSpanId(), kStageNames[stage], start,
                             start + uint64_t{request.times.us[stage]} * 1000);
      span.set_parent_span_id(whole.span_id());
      spans.push_back(std::move(span));
    }
  }
  exporter_.Append(std::move(spans));
}

void RequestSpans::CallEnded(const Caller& caller, const absl::Status& status) {
  if (caller.trace.span.sampled) {
    exporter_.Append({CallSpan(caller, status, Now(clock_))});
  }
}

}  // namespace lingula
