#include "server/security/token_bucket.h"

#include <algorithm>

namespace lingula {

double TokenBucket::LevelAt(double per_second, double burst, Instant now) const {
  const double seconds = std::max(0.0, std::chrono::duration<double>(now - at_).count());
  return std::min(burst, level_ + seconds * per_second);
}

std::optional<std::chrono::microseconds> TokenBucket::Take(double per_second, double burst,
                                                           Instant now) {
  level_ = LevelAt(per_second, burst, now);
  at_ = now;
  if (level_ < 1) {
    return std::chrono::ceil<std::chrono::microseconds>(
        std::chrono::duration<double>((1 - level_) / per_second));
  }
  level_ -= 1;
  return std::nullopt;
}

bool TokenBucket::IsFull(double per_second, double burst, Instant now) const {
  return LevelAt(per_second, burst, now) >= burst;
}

}  // namespace lingula
