#include "model/eval/ranks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace lingula {

double Quantile(std::vector<double> values, double share) {
  if (values.empty()) {
    return std::nan("");
  }
  const double place = std::clamp(share, 0.0, 1.0) * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::ptrdiff_t>(place);
  std::nth_element(values.begin(), values.begin() + below, values.end());
  const double low = values[below];
  const double part = place - static_cast<double>(below);
  if (part == 0) {
    return low;
  }
  const double high = *std::min_element(values.begin() + below + 1, values.end());
  return low + part * (high - low);
}

std::vector<double> Ranks(absl::Span<const double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t from = 0, to = 0; from < order.size(); from = to) {
    ++to;  // at least itself: NaN equals nothing
    while (to < order.size() && values[order[to]] == values[order[from]]) {
      ++to;
    }
    const double mean = static_cast<double>(from + 1 + to) / 2;
    for (size_t i = from; i < to; ++i) {
      ranks[order[i]] = mean;
    }
  }
  return ranks;
}

double RankCorrelation(absl::Span<const double> one, absl::Span<const double> other) {
  const std::vector<double> a = Ranks(one), b = Ranks(other);
  const double middle = static_cast<double>(a.size() + 1) / 2;  // mean of the ranks
  double both = 0, first = 0, second = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    both += (a[i] - middle) * (b[i] - middle);
    first += (a[i] - middle) * (a[i] - middle);
    second += (b[i] - middle) * (b[i] - middle);
  }
  return first == 0 || second == 0 ? std::nan("") : both / std::sqrt(first * second);
}

double Auroc(absl::Span<const double> positive, absl::Span<const double> negative) {
  if (positive.empty() || negative.empty()) {
    return std::nan("");
  }
  std::vector<double> all(positive.begin(), positive.end());
  all.insert(all.end(), negative.begin(), negative.end());
  const std::vector<double> ranks = Ranks(all);
  const auto count = static_cast<double>(positive.size());
  const double sum = std::accumulate(ranks.begin(), ranks.begin() + positive.size(), 0.0);
  return (sum - count * (count + 1) / 2) / (count * static_cast<double>(negative.size()));
}

}  // namespace lingula
