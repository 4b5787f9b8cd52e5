// Ctrl-C as a wish to stop: what is under way is finished first.
#pragma once

#include <signal.h>

#include "model/base/clock.h"

namespace lingula::cli {

// While one of these lives, the first SIGINT or SIGTERM only wakes who waits here; the next one
// ends the program as usual. One at a time in a process. Threads  Thread-safe but for construction
// and destruction.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  // As if a signal had come.
  void Interrupt();
  bool interrupted() const;
  // Waits until then. False as soon as interrupted.
  bool SleepUntil(Instant until) const;
  // Waits until `file` has something to read or has ended. False as soon as interrupted.
  bool WaitForInput(int file) const;

 private:
  struct sigaction int_before_, term_before_;
};

}  // namespace lingula::cli
