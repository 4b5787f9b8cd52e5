#include "model/plot/ticks.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"

namespace lingula {
namespace {

constexpr double kRounding = 1e-6;  // of a step

struct Step {
  double size;
  int decimals;
};

Step StepFor(const AxisRange& range, int wanted) {
  const double rough = (range.high - range.low) / wanted;
  const int power = static_cast<int>(std::floor(std::log10(rough)));
  const double unit = std::pow(10.0, power);
  for (const int factor : {1, 2, 5}) {
    if (factor * unit >= rough * (1 - kRounding)) {
      return {factor * unit, std::max(0, -power)};
    }
  }
  return {10 * unit, std::max(0, -power - 1)};
}

std::string Label(double value, const Step& step) {
  const double size = std::abs(value);
  if (size != 0 && (step.decimals > 6 || size >= 1e7)) {
    return absl::StrFormat("%.4g", value);
  }
  return absl::StrFormat("%.*f", step.decimals, size == 0 ? 0.0 : value);  // never "-0"
}

}  // namespace

Ticks TicksIn(const AxisRange& range, int wanted) {
  const Step step = StepFor(range, wanted);
  const double first = std::ceil(range.low / step.size - kRounding);
  const double last = std::floor(range.high / step.size + kRounding);
  Ticks ticks;
  for (double i = first; i <= last; ++i) {
    ticks.at.push_back(i * step.size);
    ticks.labels.push_back(Label(i * step.size, step));
  }
  return ticks;
}

AxisRange WidenToTicks(const AxisRange& range, int wanted) {
  const double step = StepFor(range, wanted).size;
  return {std::floor(range.low / step + kRounding) * step,
          std::ceil(range.high / step - kRounding) * step};
}

}  // namespace lingula
