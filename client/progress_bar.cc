#include "client/progress_bar.h"

#include <cmath>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace lingula::cli {
namespace {

constexpr size_t kCells = 20;

std::string TimeText(int64_t seconds) {
  return seconds < 3600
             ? absl::StrFormat("%d:%02d", seconds / 60, seconds % 60)
             : absl::StrFormat("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace

std::string ProgressText(size_t done, size_t all, size_t counted, std::chrono::nanoseconds spent) {
  const size_t full = all > 0 ? kCells * done / all : kCells;
  std::string text = absl::StrCat("[", std::string(full, '#'), std::string(kCells - full, '-'),
                                  "] ", done, " of ", all);
  const double seconds = std::chrono::duration<double>(spent).count();
  if (counted > 0 && seconds > 0) {
    const double rate = static_cast<double>(counted) / seconds;
    const auto left = static_cast<int64_t>(std::ceil(static_cast<double>(all - done) / rate));
    absl::StrAppendFormat(&text, ", %.3g a second, %s left", rate, TimeText(left));
  }
  return text;
}

void ProgressLine::Show(size_t done, size_t counted) {
  if (out_ != nullptr) {
    *out_ << "\r\033[K" << ProgressText(done, all_, counted, Clock::Real().Now() - started_)
          << std::flush;
  }
}

void ProgressLine::Clear() {
  if (out_ != nullptr) {
    *out_ << "\r\033[K" << std::flush;
  }
}

}  // namespace lingula::cli
