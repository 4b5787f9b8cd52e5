#include "model/train/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_format.h"

namespace lingula {

Progress::Progress(absl::string_view what, int64_t total, int64_t done)
    : what_(what),
      total_(std::max<int64_t>(total, 1)),
      first_(done),
      terminal_(isatty(STDERR_FILENO) != 0),
      start_(Clock::Real().Now()),
      done_(done) {}

Progress::~Progress() {
  if (terminal_ && done_ > first_) {
    std::fputc('\n', stderr);
  }
}

void Progress::Advance(int64_t done, absl::string_view detail) {
  done_ = done;
  const auto now = Clock::Real().Now();
  const auto pause = std::chrono::milliseconds(terminal_ ? 200 : 20000);
  if (done == total_ || now - printed_ >= pause) {
    printed_ = now;
    Print(detail);
  }
}

void Progress::Print(absl::string_view detail) {
  const double passed = std::chrono::duration<double>(Clock::Real().Now() - start_).count();
  const double share = static_cast<double>(done_) / static_cast<double>(total_);
  const double left = passed / static_cast<double>(std::max<int64_t>(done_ - first_, 1)) *
                      static_cast<double>(total_ - done_);
  const int filled = static_cast<int>(share * 24);
  const std::string line =
      absl::StrFormat("%s [%s%s] %5.1f%%  %d:%02d:%02d left  %s", what_, std::string(filled, '#'),
                      std::string(24 - filled, '.'), share * 100, static_cast<int>(left) / 3600,
                      static_cast<int>(left) / 60 % 60, static_cast<int>(left) % 60, detail);
  std::fputs((terminal_ ? "\r\033[K" + line : line + "\n").c_str(), stderr);
}

}  // namespace lingula
