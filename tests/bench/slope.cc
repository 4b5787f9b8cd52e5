#include "tests/bench/slope.h"

#include <cmath>
#include <limits>

namespace lingula::bench {

Slope FitSlope(const std::vector<Sampled>& samples) {
  const auto n = static_cast<double>(samples.size());
  double mean_t = 0, mean_v = 0;
  for (const Sampled& sample : samples) {
    mean_t += sample.seconds / n;
    mean_v += sample.value / n;
  }
  double tt = 0, tv = 0;
  for (const Sampled& sample : samples) {
    tt += (sample.seconds - mean_t) * (sample.seconds - mean_t);
    tv += (sample.seconds - mean_t) * (sample.value - mean_v);
  }
  if (samples.size() < 3 || tt <= 0) {
    return {0, std::numeric_limits<double>::infinity()};
  }
  Slope slope;
  slope.per_second = tv / tt;
  double left = 0;
  for (const Sampled& sample : samples) {
    const double off = sample.value - mean_v - slope.per_second * (sample.seconds - mean_t);
    left += off * off;
  }
  slope.error = std::sqrt(left / (n - 2) / tt);
  return slope;
}

}  // namespace lingula::bench
