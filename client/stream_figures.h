// What `lingula stream` counts and shows.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "lingula/v1/segmentation.pb.h"
#include "model/base/clock.h"

namespace lingula::cli {

// Counts answers. Not thread-safe.
class StreamFigures {
 public:
  // `latency`: from the sending of the frame to the arrival of its answer.
  void Add(const v1::SegmentStreamResponse& answer, std::chrono::microseconds latency, Instant now);

  int64_t frames() const { return frames_; }
  // Frames without mask for a reason that the policy or the age limit did not ask for.
  int64_t failed() const;

  // "118 masks, 29.9 a second, p50 21.0 ms, p99 35.4 ms, 2 dropped".
  std::string Line() const;
  // Several lines: all of the above that was measured, each reason for a drop by its name.
  std::string Summary() const;
  // One line: {"summary":{...}}.
  std::string Json() const;

 private:
  int64_t dropped() const { return frames_ - masks_; }
  double FramesPerSecond() const;
  double Milliseconds(double quantile) const;

  int64_t frames_ = 0, masks_ = 0;
  std::array<int64_t, v1::DropReason_ARRAYSIZE> drops_{};
  std::vector<uint32_t> latencies_us_;  // of masks
  Instant first_mask_, last_mask_;
};

}  // namespace lingula::cli
