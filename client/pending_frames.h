// Frames of a stream that were sent and are not yet answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>

#include "lingula/v1/image.pb.h"
#include "model/base/clock.h"
#include "model/base/mutex.h"

namespace lingula::cli {

// Threads  Thread-safe: one thread adds, one takes.
class PendingFrames {
 public:
  struct Sent {
    Instant at;
    v1::Image image;  // only when it will be shown
  };

  // Holds at most so many frames, and bytes of their images; one frame is always let in.
  explicit PendingFrames(size_t max_frames, size_t max_bytes = std::numeric_limits<size_t>::max())
      : max_frames_(max_frames), max_bytes_(max_bytes) {}

  // Waits for room.
  void Add(uint64_t number, Sent sent) ABSL_LOCKS_EXCLUDED(mu_) {
    const size_t bytes = sent.image.ByteSizeLong();
    MutexLock lock(mu_);
    while (!closed_ && !sent_.empty() &&
           (sent_.size() >= max_frames_ || bytes_ + bytes > max_bytes_)) {
      room_.Wait(mu_);
    }
    bytes_ += bytes;
    sent_[number] = std::move(sent);
  }
  Sent Take(uint64_t number) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    const auto found = sent_.find(number);
    if (found == sent_.end()) {
      return {};
    }
    Sent sent = std::move(found->second);
    sent_.erase(found);
    bytes_ -= sent.image.ByteSizeLong();
    room_.NotifyAll();
    return sent;
  }
  // Nobody waits from now on.
  void Close() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    closed_ = true;
    room_.NotifyAll();
  }

 private:
  const size_t max_frames_, max_bytes_;
  Mutex mu_;
  CondVar room_;
  std::map<uint64_t, Sent> sent_ ABSL_GUARDED_BY(mu_);
  size_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace lingula::cli
