// Figures from repeated measurements.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

namespace lingula::bench {

// The value that a share `p` in (0, 1] of all values does not exceed (nearest rank). `values` holds
// one or more.
inline double Percentile(std::vector<double> values, double p) {
  std::sort(values.begin(), values.end());
  const double rank = std::ceil(p * static_cast<double>(values.size()));
  return values[std::max<size_t>(static_cast<size_t>(rank), 1) - 1];
}

inline double Median(const std::vector<double>& values) {
  return Percentile(values, 0.5);
}

// Runs `work` and returns how long it took, microseconds.
template <typename Work>
double MicrosOf(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
      .count();
}

}  // namespace lingula::bench
