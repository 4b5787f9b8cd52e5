#include "tests/bench/progress.h"

#include <unistd.h>

#include <iostream>

#include "absl/strings/str_format.h"

namespace lingula::bench {

Steps::Steps(std::chrono::milliseconds planned)
    : planned_(planned), terminal_(isatty(STDERR_FILENO) == 1) {}

Steps::~Steps() {
  if (terminal_) {
    std::cerr << "\r\033[K";
  }
}

void Steps::Begin(absl::string_view what, std::chrono::milliseconds planned) {
  const std::chrono::duration<double> left = planned_ - done_;
  const std::string line =
      absl::StrFormat("[%3d %%] about %.0f s left: %s", 100 * done_ / planned_, left.count(), what);
  done_ += planned;
  std::cerr << (terminal_ ? "\r\033[K" : "") << line << (terminal_ ? "" : "\n") << std::flush;
}

}  // namespace lingula::bench
