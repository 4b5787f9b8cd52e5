#include "server/service/segment_call.h"
#include "server/service/segment_answer.h"

#include <utility>

#include "server/service/admission.h"
#include "server/service/deadline.h"
#include "server/service/errors.h"

namespace lingula {
SegmentCall::SegmentCall(Gate& gate, Pipeline& pipeline, const Tracer& tracer, const Clock& clock,
                         grpc::CallbackServerContext& context, const v1::SegmentRequest& request,
                         v1::SegmentResponse& response) {
  absl::StatusOr<Pass> pass = Admit(gate, Role::kSegment, Claim::kCall, context);
  if (!pass.ok()) {
    Finish(ToGrpcStatus(pass.status()));
    return;
  }
  pass_ = *std::move(pass);
  Caller caller;
  caller.arrived = clock.Now();
  caller.deadline = DeadlineOf(context, caller.arrived);
  caller.cancelled = &cancelled_;
  caller.caller = pass_.number();
  caller.name = pass_.name();
  caller.trace = tracer.Begin(context);
  pipeline.Submit(request, caller,
                  [this, &context, &response](absl::StatusOr<SegmentResult> result) {
                    if (result.ok()) {
                      MoveInto(*result, response);
                    }
                    AddPushback(result.status(), context);
                    pass_.Leave();
                    Finish(ToGrpcStatus(result.status()));  // exactly once; last use of *this
                  });
}

}  // namespace lingula
