// One Segment call.
#pragma once

#include <atomic>

#include <grpcpp/support/server_callback.h>

#include "lingula/v1/segmentation.grpc.pb.h"
#include "model/base/clock.h"
#include "server/security/gate.h"
#include "server/service/pipeline.h"
#include "server/service/stream_call.h"

namespace lingula {

// Converts and hands over; knows no batches and no tensors. Deletes itself.
class SegmentCall final : public grpc::ServerUnaryReactor {
 public:
  SegmentCall(Gate& gate, Pipeline& pipeline, const Tracer& tracer, const Clock& clock,
              grpc::CallbackServerContext& context, const v1::SegmentRequest& request,
              v1::SegmentResponse& response);

  void OnCancel() override { cancelled_ = true; }  // the pipeline sees it and answers
  void OnDone() override { delete this; }          // gRPC calls it last, after Finish

 private:
  Pass pass_;  // given back before Finish, so that a caller's next call finds its place free
  std::atomic<bool> cancelled_{false};
};

class SegmentationService final : public v1::Segmentation::CallbackService {
 public:
  SegmentationService(Gate& gate, Pipeline& pipeline, const ModelTable& models,
                      OpenStreams& streams, const Tracer& tracer, const Clock& clock)
      : gate_(gate),
        pipeline_(pipeline),
        models_(models),
        streams_(streams),
        tracer_(tracer),
        clock_(clock) {}

  grpc::ServerUnaryReactor* Segment(grpc::CallbackServerContext* context,
                                    const v1::SegmentRequest* request,
                                    v1::SegmentResponse* response) override {
    return new SegmentCall(gate_, pipeline_, tracer_, clock_, *context, *request, *response);
  }
  grpc::ServerBidiReactor<v1::SegmentStreamRequest, v1::SegmentStreamResponse>* SegmentStream(
      grpc::CallbackServerContext* context) override {
    return new StreamCall(gate_, pipeline_, models_, streams_, tracer_, clock_, *context);
  }

 private:
  Gate& gate_;
  Pipeline& pipeline_;
  const ModelTable& models_;
  OpenStreams& streams_;
  const Tracer& tracer_;
  const Clock& clock_;
};

}  // namespace lingula
