#include "server/service/typical_time.h"

#include <cmath>

namespace lingula {
namespace {

constexpr double kShare = 1.0 / 16;  // of a new value

}  // namespace

void TypicalTime::Add(std::chrono::microseconds took) {
  const auto us = static_cast<double>(took.count());
  MutexLock lock(mu_);
  if (!seen_) {
    seen_ = true;
    mean_us_ = us;
    return;
  }
  deviation_us_ += kShare * (std::abs(us - mean_us_) - deviation_us_);
  mean_us_ += kShare * (us - mean_us_);
}

std::chrono::microseconds TypicalTime::Bound() const {
  MutexLock lock(mu_);
  return std::chrono::microseconds(std::llround(mean_us_ + 2 * deviation_us_));
}

}  // namespace lingula
