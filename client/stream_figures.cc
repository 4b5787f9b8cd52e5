#include "client/stream_figures.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace lingula::cli {
namespace {

// DROP_REASON_TOO_OLD as "too_old".
std::string NameOf(int reason) {
  const std::string name = v1::DropReason_Name(static_cast<v1::DropReason>(reason));
  return absl::AsciiStrToLower(absl::StripPrefix(name, "DROP_REASON_"));
}

}  // namespace

void StreamFigures::Add(const v1::SegmentStreamResponse& answer, std::chrono::microseconds latency,
                        Instant now) {
  ++frames_;
  if (answer.has_result()) {
    first_mask_ = masks_ == 0 ? now : first_mask_;
    last_mask_ = now;
    ++masks_;
    latencies_us_.push_back(static_cast<uint32_t>(latency.count()));
  } else {
    const bool known = v1::DropReason_IsValid(answer.drop().reason());
    ++drops_[known ? answer.drop().reason() : v1::DROP_REASON_UNSPECIFIED];
  }
}

int64_t StreamFigures::failed() const {
  return dropped() - drops_[v1::DROP_REASON_SUPERSEDED] - drops_[v1::DROP_REASON_TOO_OLD];
}

std::string StreamFigures::Line() const {
  return absl::StrFormat("%d masks, %.1f a second, p50 %.1f ms, p99 %.1f ms, %d dropped", masks_,
                         FramesPerSecond(), Milliseconds(0.5), Milliseconds(0.99), dropped());
}

std::string StreamFigures::Summary() const {
  std::string text = absl::StrFormat("%d frames, %d masks", frames_, masks_);
  if (FramesPerSecond() > 0) {
    absl::StrAppendFormat(&text, ", %.1f masks a second", FramesPerSecond());
  }
  absl::StrAppend(&text, "\n");
  if (masks_ > 0) {
    absl::StrAppendFormat(&text, "latency: p50 %.1f ms, p99 %.1f ms, longest %.1f ms\n",
                          Milliseconds(0.5), Milliseconds(0.99), Milliseconds(1));
  }
  for (size_t reason = 0; reason < drops_.size(); ++reason) {
    if (drops_[reason] > 0) {
      absl::StrAppend(&text, "dropped, ",
                      absl::StrReplaceAll(NameOf(static_cast<int>(reason)), {{"_", " "}}), ": ",
                      drops_[reason], "\n");
    }
  }
  return text;
}

std::string StreamFigures::Json() const {
  std::string drops;
  for (int reason = v1::DROP_REASON_SUPERSEDED; reason < v1::DropReason_ARRAYSIZE; ++reason) {
    absl::StrAppend(&drops, ",\"", NameOf(reason), "\":", drops_[static_cast<size_t>(reason)]);
  }
  return absl::StrFormat(
      R"({"summary":{"frames":%d,"masks":%d%s,"masks_per_second":%.3f,"latency_ms_p50":%.3f,)"
      R"("latency_ms_p99":%.3f,"latency_ms_max":%.3f}})"
      "\n",
      frames_, masks_, drops, FramesPerSecond(), Milliseconds(0.5), Milliseconds(0.99),
      Milliseconds(1));
}

double StreamFigures::FramesPerSecond() const {
  const double seconds = std::chrono::duration<double>(last_mask_ - first_mask_).count();
  return seconds > 0 ? static_cast<double>(masks_ - 1) / seconds : 0;
}

double StreamFigures::Milliseconds(double quantile) const {
  if (latencies_us_.empty()) {
    return 0;
  }
  std::vector<uint32_t> sorted = latencies_us_;
  const auto rank = static_cast<size_t>(std::ceil(quantile * static_cast<double>(sorted.size())));
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(std::max<size_t>(rank, 1) - 1);
  std::nth_element(sorted.begin(), at, sorted.end());
  return *at / 1000.0;
}

}  // namespace lingula::cli
