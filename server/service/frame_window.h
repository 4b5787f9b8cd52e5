// The frames of one stream that the server holds: which goes to the pipeline, which gives way,
// which answer is next.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "lingula/v1/segmentation.pb.h"
#include "model/base/clock.h"

namespace lingula {

// A frame on its way. `request` is borrowed by the pipeline until the frame is settled.
struct StreamFrame {
  uint64_t number = 0;
  std::optional<int64_t> captured_us;
  Instant arrived;
  Instant deadline = Instant::max();  // set by the window
  v1::SegmentRequest request;
};

// A frame's answer, ready to be sent.
struct FrameAnswer {
  Instant arrived;  // of the frame
  v1::SegmentStreamResponse response;
};

// The receipt of a frame whose request ended with `status`, which is not OK.
v1::DropReceipt ReceiptFor(const absl::Status& status);

// Decides for one stream and does nothing itself, so it needs neither threads nor gRPC. Every frame
// added comes out of TakeAnswer exactly once, in the order in which frames were added.
//
// Memory is bounded whatever the caller does: images and masks of at most `max_in_flight` frames,
// the image of one waiting frame, and receipts; `max_held` frames in all. Unsent answers count, so
// somebody who sends but never reads is soon not read from any more.
//
// Threads  Not thread-safe: its stream's mutex guards it.
class FrameWindow {
 public:
  struct Options {
    bool freshest = false;  // a newer frame takes the place of a waiting one
    int max_in_flight = 4;  // frames given to the pipeline whose answers are not yet taken, >= 1
    int max_held = 4;  // frames in all whose answers are not yet taken, > max_in_flight if freshest
    std::optional<std::chrono::milliseconds> max_age;  // from arrival; none: frames never expire
  };
  explicit FrameWindow(const Options& options) : options_(options) {}

  // Whether there is room for another frame; until then nothing should be read.
  bool WantsFrame() const;
  // Takes a frame; call only when WantsFrame(). One whose number does not follow is settled at once
  // as a bad frame.
  void Add(StreamFrame frame);

  // The next frame that the pipeline should get now, or null. Frames past their age are settled
  // instead. The frame stays here, at the same address, until Settle.
  StreamFrame* TakeReady(Instant now);
  // The pipeline is done with `frame`, which came from TakeReady, and `response` says how. Its
  // number is filled in here.
  void Settle(const StreamFrame& frame, v1::SegmentStreamResponse response);

  // Settles all frames that the pipeline does not have as refused with `why`; the window takes no
  // more.
  void Close(const absl::Status& why);
  // Forgets everything but what the pipeline has, which is forgotten when it is settled: nobody
  // waits for answers any more.
  void Abandon();

  // The next answer in order, or nothing when the oldest frame is not settled.
  std::optional<FrameAnswer> TakeAnswer();

  bool empty() const { return held_.empty(); }
  int held() const { return static_cast<int>(held_.size()); }
  // Given to the pipeline and not yet settled.
  int in_pipeline() const { return in_pipeline_; }

 private:
  struct Held {
    StreamFrame frame;
    bool taken = false;    // by the pipeline, now or before
    bool settled = false;  // `answer` is what the caller gets
    v1::SegmentStreamResponse answer;
  };

  void SettleAs(Held& held, v1::SegmentStreamResponse response);
  void Drop(Held& held, v1::DropReason reason, const absl::Status& status);

  const Options options_;
  std::deque<std::unique_ptr<Held>> held_;  // in order of arrival
  std::optional<uint64_t> last_number_;
  int in_flight_ = 0;    // taken, and the answer not yet taken
  int in_pipeline_ = 0;  // taken, and not yet settled
  bool closed_ = false, abandoned_ = false;
};

}  // namespace lingula
