// JPEG pictures out of a stream of bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula::cli {

// Cuts concatenated JPEG files apart by their markers, so that a thumbnail inside one is not taken
// for a picture. Bytes between pictures, such as the boundaries of a multipart stream, are skipped.
// Not thread-safe.
class JpegSplitter {
 public:
  explicit JpegSplitter(size_t max_picture_bytes) : max_picture_bytes_(max_picture_bytes) {}

  void Add(absl::string_view bytes) { buffer_.append(bytes.data(), bytes.size()); }
  // The next whole picture, if it is there.
  // Errors   OUT_OF_RANGE for one that grows beyond the limit.
  absl::StatusOr<std::optional<std::string>> Next();
  // Whether a picture has begun and not ended.
  bool HasPart() const { return in_picture_; }

 private:
  enum class Step { kNeedMore, kGoOn, kDone };
  bool FindStart();
  Step ReadMarker();
  Step SkipScan();

  const size_t max_picture_bytes_;
  std::string buffer_;  // while in_picture_ it begins with the picture
  size_t at_ = 0;       // what lies before it is understood
  bool in_picture_ = false;
  bool in_scan_ = false;  // among entropy-coded data
};

}  // namespace lingula::cli
