#include "client/jpeg_splitter.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace lingula::cli {
namespace {

constexpr absl::string_view kStart = "\xff\xd8\xff";
constexpr unsigned kEndOfImage = 0xd9, kStartOfScan = 0xda;

// Markers that stand alone: TEM, restarts, start of image.
bool HasNoLength(unsigned marker) {
  return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

unsigned Byte(const std::string& bytes, size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

}  // namespace

absl::StatusOr<std::optional<std::string>> JpegSplitter::Next() {
  if (!in_picture_ && !FindStart()) {
    return std::nullopt;
  }
  Step step = Step::kGoOn;
  while (step == Step::kGoOn) {
    step = in_scan_ ? SkipScan() : ReadMarker();
  }
  if (at_ > max_picture_bytes_ ||
      (step == Step::kNeedMore && buffer_.size() > max_picture_bytes_)) {
    return absl::OutOfRangeError(
        absl::StrCat("a JPEG picture of more than ", max_picture_bytes_, " bytes"));
  }
  if (step == Step::kNeedMore) {
    return std::nullopt;
  }
  std::string picture = buffer_.substr(0, at_);
  buffer_.erase(0, at_);
  in_picture_ = false;
  return picture;
}

// Drops what lies before the next picture.
bool JpegSplitter::FindStart() {
  const size_t start = buffer_.find(kStart.data(), 0, kStart.size());
  if (start == std::string::npos) {
    buffer_.erase(0, buffer_.size() - std::min(buffer_.size(), kStart.size() - 1));
    return false;
  }
  buffer_.erase(0, start);
  at_ = 2;
  in_picture_ = true;
  in_scan_ = false;
  return true;
}

JpegSplitter::Step JpegSplitter::ReadMarker() {
  if (at_ + 2 > buffer_.size()) {
    return Step::kNeedMore;
  }
  const unsigned marker = Byte(buffer_, at_ + 1);
  if (Byte(buffer_, at_) != 0xff || marker == 0xff) {  // fill bytes, or damage: look on
    ++at_;
    return Step::kGoOn;
  }
  if (marker == kEndOfImage) {
    at_ += 2;
    return Step::kDone;
  }
  if (HasNoLength(marker)) {
    at_ += 2;
    return Step::kGoOn;
  }
  if (at_ + 4 > buffer_.size()) {
    return Step::kNeedMore;
  }
  const size_t next = at_ + 2 + Byte(buffer_, at_ + 2) * 256 + Byte(buffer_, at_ + 3);
  if (next > buffer_.size()) {
    return Step::kNeedMore;
  }
  at_ = next;
  in_scan_ = marker == kStartOfScan;
  return Step::kGoOn;
}

// Up to the next marker that is neither a stuffed byte nor a restart.
JpegSplitter::Step JpegSplitter::SkipScan() {
  for (;;) {
    at_ = std::min(buffer_.find('\xff', at_), buffer_.size());
    if (at_ + 2 > buffer_.size()) {
      return Step::kNeedMore;
    }
    const unsigned next = Byte(buffer_, at_ + 1);
    if (next != 0 && next != 0xff && !(next >= 0xd0 && next <= 0xd7)) {
      in_scan_ = false;
      return Step::kGoOn;
    }
    at_ += next == 0xff ? 1 : 2;
  }
}

}  // namespace lingula::cli
