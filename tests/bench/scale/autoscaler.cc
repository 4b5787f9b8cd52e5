#include "tests/bench/scale/autoscaler.h"

#include <algorithm>
#include <cmath>

namespace lingula::bench {

// Replicas without a figure count as idle when more are wanted, and as right on target when fewer
// are, so that newcomers make no change larger.
int Autoscaler::Wish(int replicas, const Signal& signal) const {
  double sum = 0;
  int known = 0;
  for (const std::optional<double>& value : signal.values) {
    sum += value.value_or(0);
    known += value.has_value() ? 1 : 0;
  }
  if (known == 0) {
    return replicas;
  }
  const double ratio = sum / known / signal.target;
  if (std::abs(ratio - 1) <= options_.tolerance) {
    return replicas;
  }
  const int missing = static_cast<int>(signal.values.size()) - known;
  if (missing == 0) {
    return static_cast<int>(std::ceil(ratio * known));
  }
  const double all = (sum / signal.target + (ratio < 1 ? missing : 0)) / (known + missing);
  if (std::abs(all - 1) <= options_.tolerance || (all > 1) != (ratio > 1)) {
    return replicas;
  }
  const int wish = static_cast<int>(std::ceil(all * (known + missing)));
  return ratio > 1 ? std::max(wish, replicas) : std::min(wish, replicas);
}

int Autoscaler::Look(double now_s, int replicas, const std::vector<Signal>& signals) {
  int wish = 0;
  for (const Signal& signal : signals) {
    wish = std::max(wish, Wish(replicas, signal));
  }
  wishes_.emplace_back(now_s, wish);
  while (wishes_.front().first < now_s - options_.down_window_s) {
    wishes_.pop_front();
  }
  int highest = 0;
  for (const auto& [when, count] : wishes_) {
    highest = std::max(highest, count);
  }
  const int most =
      std::max(static_cast<int>(replicas * options_.up_factor), replicas + options_.up_pods);
  const int next = wish > replicas ? std::min(wish, most) : std::min(replicas, highest);
  return std::clamp(next, options_.min_replicas, options_.max_replicas);
}

}  // namespace lingula::bench
