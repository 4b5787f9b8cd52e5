// Overlap of a mask with a reference, and what can be said of it without one. Plain arrays.
#pragma once

#include <cstdint>

#include "absl/types/span.h"

namespace lingula {

// Pixel counts, to be pooled by adding. Metrics follow torchmetrics (docs/models.md, "Metrics").
struct OverlapCounts {
  int64_t true_positive = 0, false_positive = 0, false_negative = 0, true_negative = 0;

  OverlapCounts& operator+=(const OverlapCounts& other);
  double Dice() const;      // 2TP / (2TP + FP + FN); 0 when nothing is there
  double Jaccard() const;   // TP / (TP + FP + FN), foreground only; NaN when nothing is there
  double Accuracy() const;  // (TP + TN) / all
};

// Counts of two masks of the same length: foreground where nonzero.
OverlapCounts CountOverlap(absl::Span<const uint8_t> predicted,
                           absl::Span<const uint8_t> reference);

// Soft Dice confidence 2 * sum(p y) / (sum(p) + sum(y)): the Dice that would be expected if each
// probability were right. NaN when both sums are 0.
double SoftDice(double sum_probability, double sum_probability_in_mask, double sum_mask);

}  // namespace lingula
