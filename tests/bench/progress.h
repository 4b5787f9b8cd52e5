// What is being measured, and how long all of it still takes.
#pragma once

#include <chrono>

#include "absl/strings/string_view.h"

namespace lingula::bench {

// Writes to standard error: one line that changes on a terminal, a line a step elsewhere.
class Steps {
 public:
  // `planned`: all steps together.
  explicit Steps(std::chrono::milliseconds planned);
  ~Steps();
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;

  // `what` begins now and should take `planned`. What is left is told from the plan: what came
  // before may have taken longer.
  void Begin(absl::string_view what, std::chrono::milliseconds planned);

 private:
  const std::chrono::milliseconds planned_;
  const bool terminal_;
  std::chrono::milliseconds done_{0};
};

}  // namespace lingula::bench
