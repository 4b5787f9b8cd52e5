#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "model/calibration/fit_dice_map.h"

namespace lingula {
namespace {

// Enough residuals for a tail of a few percent on each side.
constexpr size_t kFewestResiduals = 60;
constexpr size_t kMostIntervals = 5;

// Order statistics of `residuals` (true less expected) that leave out `share` on each side of n + 1
// equally likely places; as far as Dice can be where there are too few.
DiceMap::Interval Around(std::vector<double> residuals, double share) {
  std::sort(residuals.begin(), residuals.end());
  const auto places = static_cast<double>(residuals.size() + 1);
  const auto low = static_cast<int64_t>(std::floor(places * share + 1e-9));
  const auto high = static_cast<int64_t>(std::ceil(places * (1 - share) - 1e-9));
  DiceMap::Interval interval;
  interval.below = low < 1 ? 1 : std::clamp(-residuals[low - 1], 0.0, 1.0);
  interval.above =
      high > static_cast<int64_t>(residuals.size()) ? 1 : std::clamp(residuals[high - 1], 0.0, 1.0);
  return interval;
}

}  // namespace

std::vector<DiceMap::Interval> ConformalIntervals(absl::Span<const double> expected,
                                                  absl::Span<const double> dice, double coverage) {
  std::vector<size_t> order(expected.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return expected[a] < expected[b]; });
  const size_t bins = std::clamp(order.size() / kFewestResiduals, size_t{1}, kMostIntervals);
  std::vector<DiceMap::Interval> intervals;
  size_t from = 0;
  for (size_t bin = 1; bin <= bins && from < order.size(); ++bin) {
    size_t to = std::max(from + 1, order.size() * bin / bins);
    while (to < order.size() && expected[order[to]] == expected[order[to - 1]]) {
      ++to;  // equal expectations cannot be told apart later
    }
    std::vector<double> residuals;
    for (size_t i = from; i < to; ++i) {
      residuals.push_back(dice[order[i]] - expected[order[i]]);
    }
    intervals.push_back(Around(std::move(residuals), (1 - coverage) / 2));
    intervals.back().up_to = expected[order[to - 1]];
    from = to;
  }
  if (!intervals.empty()) {
    intervals.back().up_to = 1;
  }
  return intervals;
}

}  // namespace lingula
