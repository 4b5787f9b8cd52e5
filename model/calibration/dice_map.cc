#include "model/calibration/dice_map.h"

#include <algorithm>
#include <cstddef>

namespace lingula {

double DiceMap::Sum(const TrustTerms& values) const {
  double sum = offset;
  for (const Term& term : terms) {
    sum += term.weight * (values[static_cast<size_t>(term.term)] - term.centre) / term.scale;
  }
  return sum;
}

double DiceMap::DiceAt(double sum) const {
  const auto next = std::upper_bound(points.begin(), points.end(), sum,
                                     [](double s, const Point& point) { return s < point.sum; });
  if (next == points.begin()) {
    return next->dice;
  }
  const Point& before = *(next - 1);
  if (next == points.end()) {
    return before.dice;
  }
  const double part = (sum - before.sum) / (next->sum - before.sum);
  return before.dice + part * (next->dice - before.dice);
}

DiceMap::Expected DiceMap::Around(double dice) const {
  Expected expected;
  expected.dice = dice;
  const auto around =
      std::find_if(intervals.begin(), intervals.end(),
                   [&](const Interval& interval) { return expected.dice <= interval.up_to; });
  if (around != intervals.end()) {
    expected.low = std::max(0.0, expected.dice - around->below);
    expected.high = std::min(1.0, expected.dice + around->above);
  }
  return expected;
}

}  // namespace lingula
