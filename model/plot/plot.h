// Charts as PNG files: training curves, calibration, comparisons. Colours stay apart for people who
// see few of them (Okabe and Ito's palette), the ground is white. Texts are ASCII.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace lingula {

struct AxisRange {
  double low = 0, high = 1;
};

// What every chart has. Axes reach as far as the data, and on to a round number, unless a range is
// given; what lies outside a given range is cut off.
struct Figure {
  std::string title, x_label, y_label;
  int width_px = 900, height_px = 600;
  std::optional<AxisRange> x_range, y_range;
  bool diagonal = false;  // a dashed line y = x, for what should agree
};

// Points of one name, in order. A point with a coordinate that is not finite is a gap.
struct Series {
  std::string name;  // in the legend, unless empty
  std::vector<double> x, y;
};

// All functions write the file whole or not at all (see WriteFile).
// Errors   INVALID_ARGUMENT nothing to draw: no series, one without a finite point or with unequal
//          x and y (by name), a range without extent, a picture of less than 200 x 150 or more than
//          10,000 pixels a side; those of WriteFile.
// Threads  Thread-safe.

absl::Status PlotLines(const std::string& path, const Figure& figure,
                       const std::vector<Series>& series);

absl::Status PlotScatter(const std::string& path, const Figure& figure,
                         const std::vector<Series>& series);

// A value and the interval around it; without interval `low` and `high` are NaN.
struct Bar {
  std::string name;
  double value = 0, low = 0, high = 0;
};

// One bar below the other, so that names may be long; `x_label` says what the values are. Bars
// begin at 0, or at the lower end of `x_range`.
absl::Status PlotBars(const std::string& path, const Figure& figure, const std::vector<Bar>& bars);

// Not "Sample", which is what an engine is asked about (model/engine/engine.h).
struct ValueSet {
  std::string name;
  std::vector<double> values;  // what is not finite is left out
};

// The share of each sample in `bins` (1 to 200) equal intervals, in percent of the sample, laid
// over each other: samples of different sizes can be compared.
absl::Status PlotHistogram(const std::string& path, const Figure& figure,
                           const std::vector<ValueSet>& samples, int bins = 30);

}  // namespace lingula
