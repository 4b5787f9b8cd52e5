// What charts refuse, and how far their axes reach.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "model/plot/plot.h"

namespace lingula {

bool IsPoint(const Series& series, size_t i);  // both coordinates are finite

// INVALID_ARGUMENT as plot.h says.
absl::Status CheckSeries(const Figure& figure, const std::vector<Series>& series);
absl::Status CheckBars(const Figure& figure, const std::vector<Bar>& bars);
absl::Status CheckSamples(const Figure& figure, const std::vector<ValueSet>& samples, int bins);

// The figure's range, or else that of the data up to round numbers; for checked charts only.
AxisRange XRange(const Figure& figure, const std::vector<Series>& series, int ticks);
AxisRange YRange(const Figure& figure, const std::vector<Series>& series, int ticks);
AxisRange BarRange(const Figure& figure, const std::vector<Bar>& bars, int ticks);
AxisRange SampleRange(const Figure& figure, const std::vector<ValueSet>& samples, int ticks);

// y: percent of the sample's finite values in each bin; x: the bins' numbers. A value at the upper
// end belongs to the last bin; values outside the range count in no bin.
Series CountBins(const ValueSet& sample, const AxisRange& range, int bins);

}  // namespace lingula
