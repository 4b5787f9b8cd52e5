// A straight line through measurements.
#pragma once

#include <vector>

namespace lingula::bench {

struct Slope {
  double per_second = 0;
  // Standard error of it, as if the measurements erred independently: neighbours in time that err
  // together make it too small.
  double error = 0;
};

struct Sampled {
  double seconds = 0;
  double value = 0;
};

// Least squares. Fewer than three samples, or all at one moment, have no slope: 0 with an infinite
// error.
Slope FitSlope(const std::vector<Sampled>& samples);

}  // namespace lingula::bench
