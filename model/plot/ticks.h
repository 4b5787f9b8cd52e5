// Round numbers along an axis.
#pragma once

#include <string>
#include <vector>

#include "model/plot/plot.h"

namespace lingula {

struct Ticks {
  std::vector<double> at;           // ascending, inside the range
  std::vector<std::string> labels;  // as many digits as the step needs
};

// Multiples of 1, 2 or 5 times a power of ten, about `wanted` (>= 2) of them. The range must be
// finite and low < high.
Ticks TicksIn(const AxisRange& range, int wanted);

// The range widened to the next multiples of the step that TicksIn would take.
AxisRange WidenToTicks(const AxisRange& range, int wanted);

}  // namespace lingula
