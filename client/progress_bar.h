// How far a long run is, on one line of a terminal.
#pragma once

#include <iosfwd>
#include <string>

#include "model/base/clock.h"

namespace lingula::cli {

// "[#####---------------] 25 of 100, 3.4 a second, 0:22 left". `done` of `all` were finished;
// `counted` of them since `spent` began, which the rate is made of: what was left out because it
// was done before says nothing about how fast the rest goes. Without a rate yet: no time left.
std::string ProgressText(size_t done, size_t all, size_t counted, std::chrono::nanoseconds spent);

// The line itself. Threads  One at a time.
class ProgressLine {
 public:
  // `out`: a terminal, null for none; outlives this.
  ProgressLine(std::ostream* out, size_t all) : out_(out), all_(all) {}
  void Show(size_t done, size_t counted);
  // Makes room for another line.
  void Clear();

 private:
  std::ostream* const out_;
  const size_t all_;
  const Instant started_ = Clock::Real().Now();
};

}  // namespace lingula::cli
