#include "server/service/stream_call.h"
#include "server/service/segment_answer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "server/service/admission.h"
#include "server/service/deadline.h"
#include "server/service/errors.h"
#include "server/service/stream_session.h"

namespace lingula {
namespace {

using std::chrono::milliseconds;

// Long enough for another stream to end, short enough for a person who waits.
constexpr milliseconds kRetryStream{1000};

FrameOutcome OutcomeOf(const v1::SegmentStreamResponse& response) {
  if (response.has_result()) {
    return FrameOutcome::kAnswered;
  }
  switch (response.drop().reason()) {
    case v1::DROP_REASON_SUPERSEDED:
      return FrameOutcome::kSuperseded;
    case v1::DROP_REASON_TOO_OLD:
      return FrameOutcome::kTooOld;
    case v1::DROP_REASON_BAD_FRAME:
      return FrameOutcome::kBadFrame;
    case v1::DROP_REASON_REFUSED:
      return FrameOutcome::kRefused;
    default:
      return FrameOutcome::kFailed;
  }
}

absl::Status DrainingError() {
  return absl::UnavailableError("the server is draining: open the stream on another one");
}

// Unique among the streams of this process; 0 means unary calls.
uint64_t NextStream() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

}  // namespace

absl::Status OpenStreams::Enter(StreamCall& stream) {
  MutexLock lock(mu_);
  if (draining_) {
    return DrainingError();
  }
  if (static_cast<int>(open_.size()) >= max_open_) {
    return WithRetry(absl::ResourceExhaustedError(absl::StrCat("the server serves at most ",
                                                               max_open_, " streams: retry later")),
                     kRetryStream);
  }
  open_.insert(&stream);
  metrics_.open.Set(static_cast<double>(open_.size()));
  return absl::OkStatus();
}

void OpenStreams::Leave(StreamCall& stream) {
  MutexLock lock(mu_);
  open_.erase(&stream);
  metrics_.open.Set(static_cast<double>(open_.size()));
}

void OpenStreams::Drain() {
  MutexLock lock(mu_);
  draining_ = true;
  for (StreamCall* stream : open_) {
    stream->Drain();
  }
}

StreamCall::StreamCall(Gate& gate, Pipeline& pipeline, const ModelTable& models,
                       OpenStreams& streams, const Tracer& tracer, const Clock& clock,
                       grpc::CallbackServerContext& context)
    : pipeline_(pipeline), models_(models), streams_(streams), clock_(clock) {
  caller_.arrived = clock.Now();
  caller_.deadline = DeadlineOf(context, caller_.arrived);
  caller_.cancelled = &cancelled_;
  caller_.method = "SegmentStream";
  caller_.stream = NextStream();
  caller_.trace = tracer.Begin(context);
  caller_.is_whole_call = false;
  const absl::Status entered = Enter(gate, context);
  MutexLock lock(mu_);
  if (!entered.ok()) {
    End(entered);
  }
  Advance();  // submits nothing: there is no frame yet
}

// Through the gate, and among the open streams. Whom the gate refuses is counted but not audited: a
// stranger could fill the log.
absl::Status StreamCall::Enter(Gate& gate, grpc::CallbackServerContext& context) {
  LINGULA_ASSIGN_OR_RETURN(pass_, Admit(gate, Role::kSegment, Claim::kStream, context));
  caller_.caller = pass_.number();
  caller_.name = pass_.name();
  const absl::Status entered = streams_.Enter(*this);
  if (!entered.ok()) {
    pipeline_.Refused(caller_, "", nullptr, entered);
  }
  AddPushback(entered, context);
  return entered;
}

void StreamCall::OnReadDone(bool ok) {
  Ready ready;
  {
    MutexLock lock(mu_);
    reading_ = false;
    if (!ok) {
      End(window_.has_value() ? absl::OkStatus()
                              : absl::InvalidArgumentError("the stream ended before its settings"));
    } else if (!end_.has_value()) {
      if (const absl::Status status = Take(in_); !status.ok()) {
        pipeline_.Refused(caller_, "", nullptr, status);
        End(status);
      }
    }
    in_.Clear();
    ready = Advance();
  }
  if (!ready.empty()) {  // else *this may be gone
    Submit(ready);
  }
}

void StreamCall::OnWriteDone(bool ok) {
  Ready ready;
  {
    MutexLock lock(mu_);
    writing_ = false;
    if (!ok) {
      Abandon();
    }
    ready = Advance();
  }
  if (!ready.empty()) {  // else *this may be gone
    Submit(ready);
  }
}

void StreamCall::OnCancel() {
  MutexLock lock(mu_);
  Abandon();
  Advance();  // submits nothing: the window is abandoned
}

void StreamCall::OnDone() {
  streams_.Leave(*this);
  { MutexLock lock(mu_); }  // whoever called Finish has left
  delete this;
}

void StreamCall::Drain() {
  MutexLock lock(mu_);
  End(DrainingError());
  if (window_.has_value()) {
    window_->Close(DrainingError());
  }
  Advance();  // submits nothing: the window is closed
}

void StreamCall::End(const absl::Status& status) {
  if (!end_.has_value()) {
    end_ = status;
  }
}

void StreamCall::Abandon() {
  cancelled_ = true;  // the pipeline sees it and answers
  End(absl::CancelledError("cancelled by the caller"));
  if (window_.has_value()) {
    window_->Abandon();
  }
}

absl::Status StreamCall::Take(v1::SegmentStreamRequest& message) {
  if (message.has_settings()) {
    return Begin(message.settings());
  }
  if (!message.has_frame()) {
    return absl::InvalidArgumentError("an empty message: send settings first, then frames");
  }
  if (!window_.has_value()) {
    return absl::InvalidArgumentError("the first message must hold the settings of the stream");
  }
  v1::Frame& sent = *message.mutable_frame();
  StreamFrame frame;
  frame.number = sent.number();
  if (sent.has_captured_us()) {
    frame.captured_us = sent.captured_us();
  }
  frame.arrived = clock_.Now();
  frame.request = request_;
  *frame.request.mutable_image() = std::move(*sent.mutable_image());
  window_->Add(std::move(frame));
  return absl::OkStatus();
}

absl::Status StreamCall::Begin(const v1::StreamSettings& settings) {
  if (window_.has_value()) {
    return absl::InvalidArgumentError("settings: only in the first message of a stream");
  }
  LINGULA_ASSIGN_OR_RETURN(StreamSession session, SessionFrom(settings, models_));
  request_ = std::move(session.request);
  window_.emplace(session.window);
  if (session.smoothing > 0) {
    smoothing_.emplace(session.smoothing);
    caller_.smoothing = &*smoothing_;
  }
  return absl::OkStatus();
}

StreamCall::Ready StreamCall::Advance() {
  Ready ready;
  if (finished_) {
    return ready;
  }
  if (window_.has_value()) {
    Collect(ready);
    Write();
    Collect(ready);  // an answer on its way out makes room
  }
  const bool room = !window_.has_value() || window_->WantsFrame();
  if (!end_.has_value() && !reading_ && room) {
    reading_ = true;
    StartRead(&in_);
  }
  if (end_.has_value() && !writing_ && (!window_.has_value() || window_->empty())) {
    finished_ = true;
    pipeline_.CallEnded(caller_, *end_);
    pass_.Leave();
    Finish(ToGrpcStatus(*end_));
  }
  return ready;
}

void StreamCall::Collect(Ready& ready) {
  const Instant now = clock_.Now();
  while (StreamFrame* frame = window_->TakeReady(now)) {
    ready.push_back(frame);
  }
}

void StreamCall::Write() {
  if (writing_) {
    return;
  }
  std::optional<FrameAnswer> answer = window_->TakeAnswer();
  if (!answer.has_value()) {
    return;
  }
  out_ = std::move(answer->response);
  streams_.metrics().Count(OutcomeOf(out_), clock_.Now() - answer->arrived);
  writing_ = true;
  StartWrite(&out_);
}

void StreamCall::Submit(const Ready& ready) {
  for (const StreamFrame* frame : ready) {
    Caller caller = caller_;
    caller.arrived = frame->arrived;
    caller.deadline = std::min(caller_.deadline, frame->deadline);
    pipeline_.Submit(frame->request, caller, [this, frame](absl::StatusOr<SegmentResult> result) {
      OnAnswer(*frame, std::move(result));
    });
  }
}

void StreamCall::OnAnswer(const StreamFrame& frame, absl::StatusOr<SegmentResult> result) {
  v1::SegmentStreamResponse response;
  if (result.ok()) {
    MoveInto(*result, *response.mutable_result());
  } else {
    *response.mutable_drop() = ReceiptFor(result.status());
  }
  Ready ready;
  {
    MutexLock lock(mu_);
    window_->Settle(frame, std::move(response));
    ready = Advance();
  }
  if (!ready.empty()) {  // else *this may be gone
    Submit(ready);
  }
}

}  // namespace lingula
