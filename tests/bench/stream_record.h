// What became of every frame of a stream, and what several streams came to.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "tests/bench/traffic.h"

namespace lingula::bench {

// Moments, from the beginning of the load, at which each stream's camera has its next frame ready:
// `frames` of them `per_second`, each camera at a phase of its own.
std::vector<std::vector<Nanos>> FrameDues(int streams, int frames, double per_second,
                                          std::mt19937_64& random);

enum class FrameFate {
  kUnanswered,
  kMask,
  kDropped,  // as the policy or the age limit wants it
  kFailed,   // no mask for any other reason
};

// One stream. Frames are numbered from 1, in the order of sending. One thread.
class StreamRecord {
 public:
  explicit StreamRecord(const std::vector<Nanos>& due);

  // An answer that came at `at`. One that does not follow the answer before it, or that is to no
  // frame of this stream, breaks the order and counts for nothing else.
  void Answered(uint64_t number, FrameFate fate, Nanos at);

  struct Frame {
    Nanos due{0}, answered{0};
    FrameFate fate = FrameFate::kUnanswered;
  };
  const std::vector<Frame>& frames() const { return frames_; }
  int order_violations() const { return order_violations_; }

 private:
  std::vector<Frame> frames_;
  uint64_t last_ = 0;
  int order_violations_ = 0;
};

struct StreamOutcome {
  int frames = 0, masks = 0, dropped = 0, failed = 0;
  int unaccounted = 0;  // never answered
  int order_violations = 0;
  // Of masks, from when their frame was due: a frame that had to wait at the sender is as late for
  // the surgeon as one that waited in the server.
  std::vector<double> mask_ms;

  StreamOutcome& operator+=(const StreamOutcome& other);
  // Every frame has a mask, in order, and the 99th percentile is below `limit_ms`.
  bool IsInTime(double limit_ms) const;
};
StreamOutcome Summarise(const std::vector<StreamRecord>& streams);

// Looks for the largest number of streams that is good: doubles while it is, then halves the gap.
class StreamSearch {
 public:
  explicit StreamSearch(int most) : most_(most) {}

  // What to try next; nothing when `best` is known.
  std::optional<int> Next() const;
  void Add(int streams, bool good);
  int best() const { return good_; }  // 0: not even one
  // The fewest that were not good; nothing when `most` are.
  std::optional<int> fewest_bad() const { return bad_; }

 private:
  const int most_;
  int good_ = 0;
  std::optional<int> bad_;
};

}  // namespace lingula::bench
