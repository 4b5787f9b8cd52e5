#include "tests/bench/stream_record.h"

#include <algorithm>

#include "tests/bench/stats.h"

namespace lingula::bench {

std::vector<std::vector<Nanos>> FrameDues(int streams, int frames, double per_second,
                                          std::mt19937_64& random) {
  const double period_ns = 1e9 / per_second;
  std::uniform_real_distribution<double> phase(0, period_ns);
  std::vector<std::vector<Nanos>> dues(static_cast<size_t>(streams));
  for (std::vector<Nanos>& due : dues) {
    const double first_ns = phase(random);
    for (int i = 0; i < frames; ++i) {
      due.emplace_back(static_cast<int64_t>(first_ns + i * period_ns));
    }
  }
  return dues;
}

StreamRecord::StreamRecord(const std::vector<Nanos>& due) {
  for (const Nanos at : due) {
    frames_.push_back({at});
  }
}

void StreamRecord::Answered(uint64_t number, FrameFate fate, Nanos at) {
  if (number <= last_ || number > frames_.size()) {
    ++order_violations_;
    return;
  }
  last_ = number;
  Frame& frame = frames_[number - 1];
  frame.answered = at;
  frame.fate = fate;
}

StreamOutcome& StreamOutcome::operator+=(const StreamOutcome& other) {
  frames += other.frames;
  masks += other.masks;
  dropped += other.dropped;
  failed += other.failed;
  unaccounted += other.unaccounted;
  order_violations += other.order_violations;
  mask_ms.insert(mask_ms.end(), other.mask_ms.begin(), other.mask_ms.end());
  return *this;
}

bool StreamOutcome::IsInTime(double limit_ms) const {
  return order_violations == 0 && masks > 0 && masks == frames &&
         Percentile(mask_ms, 0.99) < limit_ms;
}

StreamOutcome Summarise(const std::vector<StreamRecord>& streams) {
  StreamOutcome outcome;
  for (const StreamRecord& stream : streams) {
    outcome.order_violations += stream.order_violations();
    for (const StreamRecord::Frame& frame : stream.frames()) {
      ++outcome.frames;
      outcome.dropped += frame.fate == FrameFate::kDropped ? 1 : 0;
      outcome.failed += frame.fate == FrameFate::kFailed ? 1 : 0;
      outcome.unaccounted += frame.fate == FrameFate::kUnanswered ? 1 : 0;
      if (frame.fate == FrameFate::kMask) {
        ++outcome.masks;
        outcome.mask_ms.push_back(
            std::chrono::duration<double, std::milli>(frame.answered - frame.due).count());
      }
    }
  }
  return outcome;
}

std::optional<int> StreamSearch::Next() const {
  if (!bad_.has_value()) {
    return good_ < most_ ? std::optional<int>(std::min(std::max(2 * good_, 1), most_))
                         : std::nullopt;
  }
  return *bad_ - good_ > 1 ? std::optional<int>((good_ + *bad_) / 2) : std::nullopt;
}

void StreamSearch::Add(int streams, bool good) {
  if (good) {
    good_ = std::max(good_, streams);
  } else {
    bad_ = std::min(bad_.value_or(streams), streams);
  }
}

}  // namespace lingula::bench
