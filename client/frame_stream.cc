#include "client/frame_stream.h"

#include <utility>

#include "client/frame_stream_call.h"
#include "client/grpc_status.h"

namespace lingula {

FrameStream::FrameStream(std::unique_ptr<Call> call) : call_(std::move(call)) {}

FrameStream::~FrameStream() {
  Cancel();
  while (Read().has_value()) {  // gRPC wants all read before the end
  }
  Finish().IgnoreError();
}

bool FrameStream::Send(v1::Frame frame) {
  v1::SegmentStreamRequest message;
  *message.mutable_frame() = std::move(frame);
  return call_->stream->Write(message);
}

void FrameStream::CloseSending() {
  call_->stream->WritesDone();
}

std::optional<v1::SegmentStreamResponse> FrameStream::Read() {
  v1::SegmentStreamResponse answer;
  if (call_->finished || !call_->stream->Read(&answer)) {
    return std::nullopt;
  }
  return answer;
}

absl::Status FrameStream::Finish() {
  if (!call_->finished) {
    call_->finished = true;
    call_->status = StatusFrom(call_->stream->Finish());
  }
  return call_->status;
}

void FrameStream::Cancel() {
  call_->context.TryCancel();
}

}  // namespace lingula
