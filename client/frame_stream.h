// An open SegmentStream call.
#pragma once

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "lingula/v1/segmentation.pb.h"

namespace lingula {

// Frames in, one answer each out, in the order of sending. Made by Client::OpenStream.
//
// Threads  One thread may send while another reads. Send blocks while the server holds the caller
//          back, and the server does so while nobody reads: send and read on two threads, or never
//          send more than one frame ahead.
class FrameStream {
 public:
  // Cancels what is not finished.
  ~FrameStream();
  FrameStream(const FrameStream&) = delete;
  FrameStream& operator=(const FrameStream&) = delete;

  // Numbers must increase. False when the stream has ended; Finish says why.
  bool Send(v1::Frame frame);
  // No frame will follow; the answers of those sent still come.
  void CloseSending();

  // The next answer; waits for it. Nothing when the stream has ended.
  std::optional<v1::SegmentStreamResponse> Read();
  // How the stream ended: OK after CloseSending and the last answer, else the server's code and
  // message, with its details as payloads. Only after Read gave nothing; waits.
  absl::Status Finish();

  // Ends the stream from any thread.
  void Cancel();

 private:
  friend class Client;
  struct Call;
  explicit FrameStream(std::unique_ptr<Call> call);
  const std::unique_ptr<Call> call_;
};

}  // namespace lingula
