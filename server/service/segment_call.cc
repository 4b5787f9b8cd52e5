#include "server/service/segment_call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/service/deadline.h"
#include "server/service/errors.h"

namespace lingula {

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
