#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/image/mask.h"
#include "model/image/pixels.h"

namespace lingula {
namespace {

// A count travels as groups of 5 bits, lowest first, each plus 48 to make it printable. Bit 5 says
// that more groups follow; bit 4 of the last group is the sign. From the fourth count on, what
// travels is the difference to the count two places before.
constexpr int kGroupBits = 5;
constexpr int kMore = 0x20;
constexpr int kSign = 0x10;
constexpr int kFirstChar = 48;
constexpr size_t kPlainCounts = 3;
constexpr int kMaxShift = 40;  // counts fit into 31 bits, so more groups are an attack

void AppendCount(int64_t value, std::string& out) {
  for (bool more = true; more;) {
    int group = static_cast<int>(value & 0x1f);
    value >>= kGroupBits;
    more = (group & kSign) != 0 ? value != -1 : value != 0;
    group |= more ? kMore : 0;
    out += static_cast<char>(group + kFirstChar);
  }
}

std::string Compress(const std::vector<int64_t>& counts) {
  std::string out;
  for (size_t i = 0; i < counts.size(); ++i) {
    AppendCount(i < kPlainCounts ? counts[i] : counts[i] - counts[i - 2], out);
  }
  return out;
}

absl::Status Bad(size_t at, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("counts: at character ", at, ": ", why));
}

// The number that begins at `at`, which moves past it.
absl::StatusOr<int64_t> ReadNumber(const std::string& text, size_t& at) {
  int64_t value = 0;
  for (int shift = 0; shift <= kMaxShift; shift += kGroupBits) {
    if (at == text.size()) {
      return Bad(at, "ends within a number");
    }
    const int group = text[at] - kFirstChar;
    if (group < 0 || group > (kMore | 0x1f)) {
      return Bad(at, "is not a character of run lengths ('0' to 'o')");
    }
    ++at;
    value |= int64_t{group & 0x1f} << shift;
    if ((group & kMore) == 0) {
      // The sign reaches up from the last group.
      return (group & kSign) != 0 ? value - (int64_t{1} << (shift + kGroupBits)) : value;
    }
  }
  return Bad(at, "is part of a number that is too long");
}

absl::StatusOr<std::vector<int64_t>> Decompress(const std::string& text, int64_t pixels) {
  std::vector<int64_t> counts;
  int64_t total = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    LINGULA_ASSIGN_OR_RETURN(int64_t count, ReadNumber(text, at));
    if (counts.size() >= kPlainCounts) {
      count += counts[counts.size() - 2];
    }
    if (count < 0 || count > pixels - total) {
      return Bad(begin, absl::StrCat("a run of ", count, " pixels where ", pixels - total, " of ",
                                     pixels, " are left"));
    }
    total += count;
    counts.push_back(count);
  }
  if (total != pixels) {
    return absl::InvalidArgumentError(
        absl::StrCat("counts: fill ", total, " of ", pixels, " pixels"));
  }
  return counts;
}

}  // namespace

std::string EncodeCocoRle(const cv::Mat& mask) {
  cv::Mat columns;  // one column after the other in memory
  cv::transpose(mask, columns);
  const auto* at = columns.ptr<uint8_t>();
  const uint8_t* const end = at + columns.total();
  std::vector<int64_t> counts;
  for (uint8_t value = 0; at != end || counts.empty(); value = static_cast<uint8_t>(~value)) {
    const auto* next = static_cast<const uint8_t*>(
        std::memchr(at, static_cast<uint8_t>(~value), static_cast<size_t>(end - at)));
    next = next == nullptr ? end : next;
    counts.push_back(next - at);
    at = next;
  }
  return Compress(counts);
}

absl::StatusOr<cv::Mat> DecodeCocoRle(const std::string& counts, int height, int width) {
  if (height < 1 || width < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("counts: the size ", height, " x ", width, " must be at least 1 x 1"));
  }
  const int64_t pixels = int64_t{height} * width;
  if (pixels > PixelLimits{}.max_pixels) {
    // A few bytes of counts can fill any size.
    return absl::InvalidArgumentError(absl::StrCat("counts: the size ", height, " x ", width,
                                                   " is more than ", PixelLimits{}.max_pixels,
                                                   " pixels"));
  }
  LINGULA_ASSIGN_OR_RETURN(const std::vector<int64_t> runs, Decompress(counts, pixels));
  cv::Mat columns(width, height, CV_8UC1);
  auto* at = columns.ptr<uint8_t>();
  for (size_t i = 0; i < runs.size(); ++i) {
    std::memset(at, i % 2 == 0 ? 0 : 255, static_cast<size_t>(runs[i]));
    at += runs[i];
  }
  cv::Mat mask;
  cv::transpose(columns, mask);
  return mask;
}

}  // namespace lingula
