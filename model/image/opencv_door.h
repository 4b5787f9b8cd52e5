// The way into OpenCV for this folder, so the only place where cv::Exception ends.
#pragma once

#include <utility>

#include <opencv2/core.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace lingula {

// One picture is worked on by one thread: the caller's pool already has one for each core, and
// OpenCV's own threads would only stand in their way.
inline void KeepOpenCvOnOneThread() {
  static const bool once = (cv::setNumThreads(1), true);
  static_cast<void>(once);
}

// Runs `work`, which returns a Status or StatusOr. An exception of OpenCV becomes
// RESOURCE_EXHAUSTED (no memory) or INTERNAL, named by `doing`.
template <typename Work>
auto WithOpenCv(const char* doing, Work work) -> decltype(work()) {
  KeepOpenCvOnOneThread();
  try {
    return std::move(work)();
  } catch (const cv::Exception& error) {
    const std::string message = absl::StrCat(doing, ": ", error.err);
    return error.code == cv::Error::StsNoMem ? absl::ResourceExhaustedError(message)
                                             : absl::InternalError(message);
  }
}

}  // namespace lingula
