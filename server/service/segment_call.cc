#include "server/service/segment_call.h"
#include "server/service/segment_answer.h"

#include <utility>

#include "server/service/deadline.h"
#include "server/service/errors.h"

namespace lingula {
SegmentCall::SegmentCall(Pipeline& pipeline, const Tracer& tracer, const Clock& clock,
                         grpc::CallbackServerContext& context, const v1::SegmentRequest& request,
                         v1::SegmentResponse& response) {
  Caller caller;
  caller.arrived = clock.Now();
  caller.deadline = DeadlineOf(context, caller.arrived);
  caller.cancelled = &cancelled_;
  caller.caller = CallerOf(context.peer());
  caller.trace = tracer.Begin(context);
  pipeline.Submit(request, caller,
                  [this, &context, &response](absl::StatusOr<SegmentResult> result) {
                    if (result.ok()) {
                      MoveInto(*result, response);
                    }
                    AddPushback(result.status(), context);
                    Finish(ToGrpcStatus(result.status()));  // exactly once; last use of *this
                  });
}

}  // namespace lingula
