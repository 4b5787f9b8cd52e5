// How long a step usually takes.
#pragma once

#include <chrono>

#include "model/base/mutex.h"

namespace lingula {

// A moving average and the usual deviation from it. Thread-safe.
class TypicalTime {
 public:
  void Add(std::chrono::microseconds took) ABSL_LOCKS_EXCLUDED(mu_);
  // What it rarely exceeds: the average and twice the deviation; 0 before the first Add.
  std::chrono::microseconds Bound() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  mutable Mutex mu_;
  double mean_us_ ABSL_GUARDED_BY(mu_) = 0;
  double deviation_us_ ABSL_GUARDED_BY(mu_) = 0;
  bool seen_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace lingula
