#include "model/eval/overlap.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace lingula {
namespace {

double Ratio(double part, double whole, double of_nothing) {
  return whole == 0 ? of_nothing : part / whole;
}

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

OverlapCounts& OverlapCounts::operator+=(const OverlapCounts& other) {
  true_positive += other.true_positive;
  false_positive += other.false_positive;
  false_negative += other.false_negative;
  true_negative += other.true_negative;
  return *this;
}

double OverlapCounts::Dice() const {
  const double twice = 2.0 * static_cast<double>(true_positive);
  return Ratio(twice, twice + static_cast<double>(false_positive + false_negative), 0);
}

double OverlapCounts::Jaccard() const {
  return Ratio(static_cast<double>(true_positive),
               static_cast<double>(true_positive + false_positive + false_negative), kNaN);
}

double OverlapCounts::Accuracy() const {
  const int64_t right = true_positive + true_negative;
  return Ratio(static_cast<double>(right),
               static_cast<double>(right + false_positive + false_negative), kNaN);
}

OverlapCounts CountOverlap(absl::Span<const uint8_t> predicted,
                           absl::Span<const uint8_t> reference) {
  const size_t pixels = std::min(predicted.size(), reference.size());
  int64_t both = 0;
  int64_t in_predicted = 0;
  int64_t in_reference = 0;
  for (size_t i = 0; i < pixels; ++i) {
    const int p = predicted[i] != 0 ? 1 : 0;
    const int r = reference[i] != 0 ? 1 : 0;
    both += p & r;
    in_predicted += p;
    in_reference += r;
  }
  OverlapCounts counts;
  counts.true_positive = both;
  counts.false_positive = in_predicted - both;
  counts.false_negative = in_reference - both;
  counts.true_negative = static_cast<int64_t>(pixels) - in_predicted - in_reference + both;
  return counts;
}

double SoftDice(double sum_probability, double sum_probability_in_mask, double sum_mask) {
  return Ratio(2 * sum_probability_in_mask, sum_probability + sum_mask, kNaN);
}

}  // namespace lingula
