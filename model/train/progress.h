// A progress line with the time left.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "model/base/clock.h"

namespace lingula {

// Redraws in place on a terminal; elsewhere prints a line now and then, so that logs stay readable.
class Progress {
 public:
  // `what` names the work. `done` units of `total` may be finished already (a resumed run).
  Progress(absl::string_view what, int64_t total, int64_t done = 0);
  ~Progress();
  void Advance(int64_t done, absl::string_view detail = "");

 private:
  void Print(absl::string_view detail);

  const std::string what_;
  const int64_t total_, first_;
  const bool terminal_;
  const Instant start_;
  int64_t done_;
  Instant printed_{};
};

}  // namespace lingula
