#include "server/kserve/infer_call.h"

#include <algorithm>
#include <utility>

#include <grpcpp/server_context.h>

#include "absl/strings/str_cat.h"
#include "server/kserve/infer_response.h"
#include "server/service/admission.h"
#include "server/service/deadline.h"
#include "server/service/errors.h"

namespace lingula {
namespace {

Instant Earlier(Instant deadline, Instant now, std::chrono::microseconds timeout) {
  return timeout == std::chrono::microseconds::max() ? deadline : std::min(deadline, now + timeout);
}

// Whether an image is to blame rather than the state of server or caller.
bool IsOfTheImage(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsOutOfRange(status) ||
         absl::IsUnimplemented(status) || absl::IsInternal(status);
}

}  // namespace

InferCall::InferCall(const InferContext& server, grpc::CallbackServerContext& context,
                     const inference::ModelInferRequest& request,
                     inference::ModelInferResponse& response)
    : server_(server), context_(context), request_(request), response_(response) {
  absl::StatusOr<Pass> pass = Admit(server.gate, Role::kSegment, Claim::kCall, context);
  if (!pass.ok()) {
    Finish(ToGrpcStatus(pass.status()));
    return;
  }
  pass_ = *std::move(pass);
  caller_.arrived = server.clock.Now();
  caller_.method = "ModelInfer";
  caller_.is_counted = false;  // it is below, once a call
  caller_.is_whole_call = false;
  caller_.cancelled = &cancelled_;
  caller_.caller = pass_.number();
  caller_.name = pass_.name();
  caller_.trace = server.tracer.Begin(context);
  absl::StatusOr<InferJob> job = InferJobFrom(request, server.models);
  if (!job.ok()) {
    server.pipeline.Refused(caller_, request.id(), CalledModel().value_or(nullptr), job.status());
    Answer(job.status());
    return;
  }
  caller_.deadline = Earlier(DeadlineOf(context, caller_.arrived), caller_.arrived, job->timeout);
  outputs_ = std::move(job->outputs);
  results_.resize(job->images.size());
  missing_ = results_.size();
  for (size_t i = 0; i < job->images.size(); ++i) {
    server.pipeline.Submit(
        std::move(job->images[i]), caller_,
        [this, i](absl::StatusOr<SegmentResult> result) { Take(i, std::move(result)); });
  }
}

void InferCall::Take(size_t image, absl::StatusOr<SegmentResult> result) {
  if (!result.ok()) {
    int none = -1;
    failed_.compare_exchange_strong(none, static_cast<int>(image));
    cancelled_ = true;
  }
  results_[image] = std::move(result);
  if (--missing_ == 0) {
    Complete();
  }
}

void InferCall::Complete() {
  if (failed_ >= 0) {
    return Answer(FailureOf(static_cast<size_t>(failed_)));
  }
  std::vector<SegmentResult> results;
  for (absl::StatusOr<SegmentResult>& result : results_) {
    results.push_back(*std::move(result));
  }
  WriteResponse(outputs_, results, response_);
  response_.set_id(request_.id());
  Answer(absl::OkStatus());
}

absl::Status InferCall::FailureOf(size_t image) const {
  const absl::Status& status = results_[image].status();
  if (!IsOfTheImage(status)) {
    return status;
  }
  const std::string place = absl::StrCat(request_.inputs(0).name(), "[", image, "]");
  return WithField(absl::Status(status.code(), absl::StrCat(place, ": ", status.message())), place);
}

absl::StatusOr<ModelHandle> InferCall::CalledModel() const {
  return FindModel(server_.models, request_.model_name(), request_.model_version());
}

void InferCall::Answer(const absl::Status& status) {
  const auto model = CalledModel();
  server_.metrics.CountRequest("ModelInfer", model.ok() ? (*model)->id() : "",
                               absl::StatusCodeToString(status.code()));
  AddPushback(status, context_);
  server_.pipeline.CallEnded(caller_, status);
  pass_.Leave();
  Finish(ToGrpcStatus(status));
}

}  // namespace lingula
