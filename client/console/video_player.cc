#include "client/console/video_player.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include <opencv2/core/mat.hpp>

#include "client/console/page_answer.h"
#include "client/pending_frames.h"
#include "model/base/clock.h"
#include "model/base/mutex.h"
#include "model/base/status_macros.h"
#include "model/image/jpeg_file.h"

namespace lingula::console {
namespace {

// A server holds five images of a stream at most; the receipts of dropped frames wait their turn
// behind them.
constexpr size_t kMaxPending = 64;
constexpr size_t kMaxPendingBytes = 128 << 20;
constexpr int kJpegQuality = 85;
// After a pause, frames go on from where they were, not all at once.
constexpr std::chrono::milliseconds kLongestLag{500};

// The pace of frames. Threads  Wait in one, Stop in any.
class Pace {
 public:
  explicit Pace(double fps)
      : gap_(fps > 0 ? std::chrono::duration_cast<Instant::duration>(
                           std::chrono::duration<double>(1 / fps))
                     : Instant::duration::zero()),
        due_(Clock::Real().Now()) {}

  // Until the next frame is due. False: stopped.
  bool Wait() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (!stopped_ && Clock::Real().Now() < due_) {
      changed_.WaitFor(mu_, due_ - Clock::Real().Now());
    }
    due_ = std::max(due_ + gap_, Clock::Real().Now() - kLongestLag);
    return !stopped_;
  }
  void Stop() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    stopped_ = true;
    changed_.NotifyAll();
  }

 private:
  const Instant::duration gap_;
  Instant due_;  // the waiting thread's
  Mutex mu_;
  CondVar changed_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
};

absl::StatusOr<std::string> JpegOf(const v1::Image& image) {
  const v1::RawImage& raw = image.raw();
  if (raw.data().size() != size_t{raw.width()} * raw.height() * 3) {
    return absl::InternalError("a frame of a video that is not of three bytes a pixel");
  }
  const cv::Mat bgr(static_cast<int>(raw.height()), static_cast<int>(raw.width()), CV_8UC3,
                    const_cast<char*>(raw.data().data()));  // read only
  return EncodeJpeg(bgr, kJpegQuality);
}

// One run: a thread sends, the caller's thread reads.
class Player {
 public:
  Player(cli::FrameSource& source, FrameStream& stream, const TakePiece& write)
      : source_(source), stream_(stream), write_(write), pace_(source.fps()) {}

  absl::Status Run() {
    std::thread sender([this] { Send(); });
    absl::Status shown;
    while (const std::optional<v1::SegmentStreamResponse> answer = stream_.Read()) {
      if (shown.ok()) {
        shown = Show(*answer);
      }
      if (!shown.ok()) {
        stream_.Cancel();
      }
    }
    pace_.Stop();
    pending_.Close();
    sender.join();
    LINGULA_RETURN_IF_ERROR(shown);
    LINGULA_RETURN_IF_ERROR(stream_.Finish());
    return source_status_;
  }

 private:
  using Sent = cli::PendingFrames::Sent;

  void Send() {
    for (uint64_t number = 1; pace_.Wait(); ++number) {
      absl::StatusOr<std::optional<v1::Image>> image = source_.Next();
      if (!image.ok() || !image->has_value()) {
        source_status_ = number == 1 && image.ok()
                             ? absl::InvalidArgumentError("no frame of this video can be read")
                             : image.status();
        break;
      }
      v1::Frame frame;
      frame.set_number(number);
      *frame.mutable_image() = **std::move(image);
      pending_.Add(number, {Clock::Real().Now(), frame.image()});
      if (!stream_.Send(std::move(frame))) {
        return;  // the stream has ended
      }
    }
    stream_.CloseSending();
  }

  absl::Status Show(const v1::SegmentStreamResponse& answer) {
    const Sent sent = pending_.Take(answer.frame_number());
    const std::chrono::microseconds latency(MicrosBetween(sent.at, Clock::Real().Now()));
    std::string jpeg;
    if (answer.has_result()) {
      LINGULA_ASSIGN_OR_RETURN(jpeg, JpegOf(sent.image));
    }
    return write_(PageFrame(answer, latency, jpeg))
               ? absl::OkStatus()
               : absl::CancelledError("nobody looks at this video any more");
  }

  cli::FrameSource& source_;
  FrameStream& stream_;
  const TakePiece& write_;
  Pace pace_;
  cli::PendingFrames pending_{kMaxPending, kMaxPendingBytes};
  absl::Status source_status_;  // the sender's until it has ended
};

}  // namespace

absl::Status PlayVideo(Client& client, const v1::StreamSettings& settings, cli::FrameSource& source,
                       const TakePiece& write) {
  LINGULA_ASSIGN_OR_RETURN(const std::unique_ptr<FrameStream> stream, client.OpenStream(settings));
  return Player(source, *stream, write).Run();
}

}  // namespace lingula::console
