// What a FrameStream holds of gRPC; for client.cc and frame_stream.cc.
#pragma once

#include <memory>
#include <utility>

#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include "absl/status/status.h"
#include "client/frame_stream.h"
#include "lingula/v1/segmentation.grpc.pb.h"

namespace lingula {

struct FrameStream::Call {
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SegmentStreamRequest, v1::SegmentStreamResponse>>
      stream;
  bool finished = false;
  absl::Status status;
};

}  // namespace lingula
