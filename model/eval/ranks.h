// Order statistics of plain numbers.
#pragma once

#include <vector>

#include "absl/types/span.h"

namespace lingula {

// Value below which a `share` in [0, 1] of the values lies, linear between neighbours (NumPy's
// default). NaN without values.
double Quantile(std::vector<double> values, double share);

// Ranks from 1; equal values share the mean of theirs.
std::vector<double> Ranks(absl::Span<const double> values);

// Spearman's rank correlation, ties by mean ranks. NaN with fewer than two pairs, or when one side
// is constant.
double RankCorrelation(absl::Span<const double> one, absl::Span<const double> other);

// Area under the ROC curve of a score that should be high for `positive`: the chance that it is
// higher there than in a `negative` one, ties counting half. NaN when either is empty.
double Auroc(absl::Span<const double> positive, absl::Span<const double> negative);

}  // namespace lingula
