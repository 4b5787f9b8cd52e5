#include "client/stream_verb.h"

#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/answer_text.h"
#include "client/frame_source.h"
#include "client/interruption.h"
#include "client/overlay_sink.h"
#include "client/pending_frames.h"
#include "client/stream_figures.h"
#include "model/base/clock.h"

namespace lingula::cli {
namespace {

// Frames sent whose answers are still to come: more than a server holds of one stream, so only a
// server that answers nothing is ever waited for.
constexpr size_t kMaxPending = 256;
constexpr std::chrono::milliseconds kProgressEvery{500};

v1::StreamSettings SettingsFrom(const StreamOptions& options) {
  v1::StreamSettings settings;
  settings.set_model(options.model);
  settings.set_policy(options.policy);
  settings.set_max_frame_age_ms(options.max_frame_age_ms);
  settings.set_smoothing(options.smoothing);
  settings.add_mask_formats(v1::MASK_FORMAT_COCO_RLE);  // small; overlays are drawn here
  settings.set_want_location_text(options.json);
  if (options.threshold.has_value()) {
    settings.set_threshold(*options.threshold);
  }
  return settings;
}

// One run: a thread sends, the caller's thread reads.
class Streamer {
 public:
  Streamer(const StreamOptions& options, FrameSource& source, OverlaySink* sink,
           FrameStream& stream, Interruption& interruption, std::ostream& out, std::ostream& err,
           bool show_progress)
      : options_(options),
        source_(source),
        sink_(sink),
        stream_(stream),
        interruption_(interruption),
        out_(out),
        err_(err),
        show_progress_(show_progress) {}

  int Run() {
    std::thread sender([this] { Send(); });
    while (const std::optional<v1::SegmentStreamResponse> answer = stream_.Read()) {
      Handle(*answer);
    }
    pending_.Close();
    interruption_.Interrupt();  // the stream may have ended while the sender waits for a frame
    sender.join();
    return Conclude();
  }

 private:
  // Frames leave at the pace asked for, but none earlier because others were late.
  void Send() {
    const double fps = options_.fps.value_or(source_.fps());
    const Instant start = Clock::Real().Now();
    for (uint64_t number = 1;; ++number) {
      absl::StatusOr<std::optional<v1::Image>> image = source_.Next();
      if (interruption_.interrupted()) {
        break;
      }
      if (!image.ok() || !image->has_value()) {
        source_status_ = image.status();
        break;
      }
      if (fps > 0) {
        const std::chrono::duration<double> due(static_cast<double>(number - 1) / fps);
        if (!interruption_.SleepUntil(start + std::chrono::duration_cast<Instant::duration>(due))) {
          break;
        }
      }
      v1::Frame frame;
      frame.set_number(number);
      *frame.mutable_image() = **std::move(image);
      pending_.Add(number, {Clock::Real().Now(), sink_ != nullptr ? frame.image() : v1::Image()});
      if (!stream_.Send(std::move(frame))) {
        return;  // the stream has ended
      }
    }
    stream_.CloseSending();
  }

  void Handle(const v1::SegmentStreamResponse& answer) {
    const Instant now = Clock::Real().Now();
    const PendingFrames::Sent sent = pending_.Take(answer.frame_number());
    const std::chrono::microseconds latency(MicrosBetween(sent.at, now));
    figures_.Add(answer, latency, now);
    if (!answer.result().notice().empty()) {
      notice_ = absl::StrCat(answer.result().model().name(), ": ", answer.result().notice());
    }
    if (answer.has_drop()) {
      ReportDrop(answer);
    }
    if (options_.json) {
      out_ << "{\"round_trip_us\":" << latency.count() << "," << ToJson(answer).substr(1) << "\n";
    }
    if (sink_ != nullptr && sink_status_.ok() && !IsBad(answer)) {
      sink_status_ = sink_->Write(sent.image, answer);
      if (!sink_status_.ok()) {
        stream_.Cancel();  // nobody would see the rest
      }
    }
    ShowProgress(now);
  }

  static bool IsBad(const v1::SegmentStreamResponse& answer) {
    return answer.drop().reason() == v1::DROP_REASON_BAD_FRAME;  // cannot be drawn either
  }

  void ReportDrop(const v1::SegmentStreamResponse& answer) {
    const v1::DropReceipt& drop = answer.drop();
    if (drop.reason() == v1::DROP_REASON_SUPERSEDED || drop.reason() == v1::DROP_REASON_TOO_OLD) {
      return;
    }
    ClearProgress();
    err_ << "frame " << answer.frame_number() << ": "
         << InWords(absl::Status(static_cast<absl::StatusCode>(drop.code()), drop.message()))
         << "\n";
  }

  void ShowProgress(Instant now) {
    if (show_progress_ && now - shown_ >= kProgressEvery) {
      shown_ = now;
      err_ << "\r\033[K" << figures_.Line() << std::flush;
    }
  }
  void ClearProgress() {
    if (show_progress_) {
      err_ << "\r\033[K" << std::flush;
    }
  }

  int Conclude() {
    ClearProgress();
    if (options_.json || figures_.frames() > 0) {
      out_ << (options_.json ? figures_.Json() : figures_.Summary());
    }
    if (!notice_.empty()) {
      (options_.json ? err_ : out_) << notice_ << "\n";
    }
    int code = figures_.failed() > 0 ? kSomeFailed : kAllWell;
    for (const absl::Status& own : {source_status_, sink_status_}) {
      if (!own.ok()) {
        err_ << own.message() << "\n";
        code = kSomeFailed;
      }
    }
    const absl::Status ended = stream_.Finish();
    if (ended.ok() || !sink_status_.ok()) {
      return code;
    }
    err_ << InWords(ended) << "\n";
    return absl::IsUnavailable(ended) ? kNotReachable : kSomeFailed;
  }

  const StreamOptions& options_;
  FrameSource& source_;
  OverlaySink* const sink_;  // null: no overlay
  FrameStream& stream_;
  Interruption& interruption_;
  std::ostream& out_;
  std::ostream& err_;
  const bool show_progress_;
  PendingFrames pending_{kMaxPending};
  absl::Status source_status_;  // the sender's until it has ended
  absl::Status sink_status_;
  StreamFigures figures_;
  std::string notice_;
  Instant shown_;
};

}  // namespace

int Stream(Client& client, const StreamOptions& options, std::istream& in, std::ostream& out,
           std::ostream& err, bool show_progress) {
  Interruption interruption;
  const absl::StatusOr<std::unique_ptr<FrameSource>> source = OpenSource(options.input, in, [&] {
    return &in == &std::cin ? interruption.WaitForInput(STDIN_FILENO) : !interruption.interrupted();
  });
  if (!source.ok()) {
    err << source.status().message() << "\n";
    return kSomeFailed;
  }
  std::unique_ptr<OverlaySink> sink;
  if (!options.out.empty()) {
    auto opened = OpenSink(options.out, options.fps.value_or((*source)->fps()));
    if (!opened.ok()) {
      err << opened.status().message() << "\n";
      return kUsage;
    }
    sink = *std::move(opened);
  }
  const auto stream = client.OpenStream(SettingsFrom(options));
  if (!stream.ok()) {
    err << InWords(stream.status()) << "\n";
    return absl::IsUnavailable(stream.status()) ? kNotReachable : kSomeFailed;
  }
  return Streamer(options, **source, sink.get(), **stream, interruption, out, err, show_progress)
      .Run();
}

}  // namespace lingula::cli
