// One ModelInfer call.
#pragma once

#include <atomic>
#include <vector>

#include <grpcpp/support/server_callback.h>

#include "inference/grpc_service.pb.h"
#include "model/base/clock.h"
#include "server/kserve/infer_job.h"
#include "server/metrics/metrics.h"
#include "server/security/gate.h"
#include "server/service/pipeline.h"
#include "server/tracing/tracer.h"

namespace lingula {

// What the calls of a server share. Borrows everything.
struct InferContext {
  Gate& gate;
  Pipeline& pipeline;
  const ModelTable& models;
  Metrics& metrics;
  const Tracer& tracer;
  const Clock& clock;
};

// Gives each image of a call to the pipeline on its own, where batches mix them with those of other
// calls, and answers when all are done. The first that fails fails the call; the others are then
// given up. Deletes itself.
class InferCall final : public grpc::ServerUnaryReactor {
 public:
  InferCall(const InferContext& server, grpc::CallbackServerContext& context,
            const inference::ModelInferRequest& request, inference::ModelInferResponse& response);

  void OnCancel() override { cancelled_ = true; }  // the pipeline sees it and answers
  void OnDone() override { delete this; }          // gRPC calls it last, after Finish

 private:
  // Any thread; once for each image.
  void Take(size_t image, absl::StatusOr<SegmentResult> result);
  // When the last image is there.
  void Complete();
  absl::StatusOr<ModelHandle> CalledModel() const;
  absl::Status FailureOf(size_t image) const;
  // The last use of *this.
  void Answer(const absl::Status& status);

  const InferContext server_;
  Pass pass_;  // given back before Finish
  grpc::CallbackServerContext& context_;
  Caller caller_;  // of each image
  const inference::ModelInferRequest& request_;
  inference::ModelInferResponse& response_;
  std::vector<InferOutput> outputs_;
  std::vector<absl::StatusOr<SegmentResult>>
      results_;  // each written by one thread, read by the last
  std::atomic<size_t> missing_{0};
  std::atomic<int> failed_{-1};  // the image that failed first
  std::atomic<bool> cancelled_{false};
};

}  // namespace lingula
