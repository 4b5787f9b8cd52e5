#include "server/service/segment_call.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/service/errors.h"

namespace lingula {
namespace {

// gRPC gives deadlines in wall-clock time; the server counts in monotonic time.
Instant DeadlineOf(const grpc::CallbackServerContext& context, Instant now) {
  const auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) {
    return Instant::max();
  }
  const auto left = deadline - std::chrono::system_clock::now();
  // Beyond a day nobody waits, and far-off deadlines would overflow.
  return left > std::chrono::hours(24) ? Instant::max()
                                       : now + std::chrono::duration_cast<Instant::duration>(left);
}

}  // namespace

SegmentCall::SegmentCall(Pipeline& pipeline, const Clock& clock,
                         grpc::CallbackServerContext& context, const v1::SegmentRequest& request,
                         v1::SegmentResponse& response) {
  Caller caller;
  caller.arrived = clock.Now();
  caller.deadline = DeadlineOf(context, caller.arrived);
  caller.cancelled = &cancelled_;
  caller.caller = CallerOf(context.peer());
  pipeline.Submit(
      request, caller, [this, &context, &response](absl::StatusOr<SegmentResult> result) {
        if (result.ok()) {
          MoveInto(*result, response);
        } else if (const auto delay = RetryDelay(result.status())) {
          context.AddTrailingMetadata("grpc-retry-pushback-ms", absl::StrCat(delay->count()));
        }
        Finish(ToGrpcStatus(result.status()));  // exactly once; last use of *this
      });
}

}  // namespace lingula
