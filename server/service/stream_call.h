// One SegmentStream call, and all that are open.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include <grpcpp/support/server_callback.h>

#include "lingula/v1/segmentation.grpc.pb.h"
#include "model/base/clock.h"
#include "model/base/mutex.h"
#include "server/security/gate.h"
#include "server/service/frame_window.h"
#include "server/service/pipeline.h"
#include "server/service/smoothing.h"
#include "server/tracing/tracer.h"

namespace lingula {

class StreamCall;

// Counts streams, bounds their number and ends them when the server drains. Thread-safe.
class OpenStreams {
 public:
  OpenStreams(int max_open, StreamMetrics& metrics) : max_open_(max_open), metrics_(metrics) {}

  // Errors   RESOURCE_EXHAUSTED, with a time to retry, when `max_open` are open; UNAVAILABLE after
  //          Drain. Nothing is entered then.
  absl::Status Enter(StreamCall& stream) ABSL_LOCKS_EXCLUDED(mu_);
  // Does nothing for a stream that was not entered.
  void Leave(StreamCall& stream) ABSL_LOCKS_EXCLUDED(mu_);
  // Every open stream answers what the pipeline has of it, refuses the frames that wait and ends
  // with UNAVAILABLE.
  void Drain() ABSL_LOCKS_EXCLUDED(mu_);

  StreamMetrics& metrics() { return metrics_; }

 private:
  const int max_open_;
  StreamMetrics& metrics_;
  Mutex mu_;
  std::set<StreamCall*> open_ ABSL_GUARDED_BY(mu_);
  bool draining_ ABSL_GUARDED_BY(mu_) = false;
};

// Reads, hands over and writes as its FrameWindow says; knows no batches and no tensors. At most
// one read and one write are under way. It outlives the frames that the pipeline has: a cancelled
// stream too owes its Finish until they are back. Deletes itself.
class StreamCall final
    : public grpc::ServerBidiReactor<v1::SegmentStreamRequest, v1::SegmentStreamResponse> {
 public:
  StreamCall(Gate& gate, Pipeline& pipeline, const ModelTable& models, OpenStreams& streams,
             const Tracer& tracer, const Clock& clock, grpc::CallbackServerContext& context);

  void OnReadDone(bool ok) override ABSL_LOCKS_EXCLUDED(mu_);
  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mu_);
  void OnCancel() override ABSL_LOCKS_EXCLUDED(mu_);
  void OnDone() override ABSL_LOCKS_EXCLUDED(mu_);  // gRPC calls it last, after Finish

  void Drain() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  // Frames that left the window and must be submitted once the mutex is free, since the pipeline
  // may answer before Submit returns. Each of them keeps *this alive until it is settled.
  using Ready = std::vector<StreamFrame*>;

  absl::Status Enter(Gate& gate, grpc::CallbackServerContext& context);
  Ready Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Collect(Ready& ready) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Write() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // No more is read; once all answers are out, the stream ends with `status`. Later calls do
  // nothing.
  void End(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Abandon() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status Take(v1::SegmentStreamRequest& message) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status Begin(const v1::StreamSettings& settings) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Submit(const Ready& ready) ABSL_LOCKS_EXCLUDED(mu_);
  void OnAnswer(const StreamFrame& frame, absl::StatusOr<SegmentResult> result)
      ABSL_LOCKS_EXCLUDED(mu_);

  Pipeline& pipeline_;
  const ModelTable& models_;
  OpenStreams& streams_;
  const Clock& clock_;
  Pass pass_;      // given back before Finish
  Caller caller_;  // of each frame, less arrival and deadline; fixed before the first frame
  std::optional<Smoothing> smoothing_;  // borrowed by one frame at a time
  std::atomic<bool> cancelled_{false};

  Mutex mu_;
  v1::SegmentRequest request_ ABSL_GUARDED_BY(mu_);         // every frame's request but its image
  std::optional<FrameWindow> window_ ABSL_GUARDED_BY(mu_);  // made from the settings
  v1::SegmentStreamRequest in_ ABSL_GUARDED_BY(mu_);        // gRPC's while reading_
  v1::SegmentStreamResponse out_ ABSL_GUARDED_BY(mu_);      // gRPC's while writing_
  bool reading_ ABSL_GUARDED_BY(mu_) = false, writing_ ABSL_GUARDED_BY(mu_) = false;
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mu_);
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace lingula
