#include "model/plot/chart_check.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/plot/ticks.h"

namespace lingula {
namespace {

bool HasFinite(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

absl::Status CheckFigure(const Figure& figure) {
  if (figure.width_px < 200 || figure.height_px < 150 || figure.width_px > 10000 ||
      figure.height_px > 10000) {
    return absl::InvalidArgumentError(
        absl::StrCat("a chart of ", figure.width_px, " x ", figure.height_px,
                     " pixels; allowed are 200 x 150 to 10000 x 10000"));
  }
  for (const auto& range : {figure.x_range, figure.y_range}) {
    if (range &&
        !(std::isfinite(range->low) && std::isfinite(range->high) && range->low < range->high)) {
      return absl::InvalidArgumentError(
          absl::StrCat("an axis from ", range->low, " to ", range->high, ": it must go upwards"));
    }
  }
  return absl::OkStatus();
}

absl::Status Empty(const char* what) {
  return absl::InvalidArgumentError(absl::StrCat("a chart without ", what));
}

// Widens a range to round numbers; a single value gets room around it.
AxisRange Round(AxisRange range, int ticks) {
  if (!(range.high - range.low > 1e-9 * std::max(std::abs(range.low), std::abs(range.high)))) {
    const double room = range.low == 0 ? 1 : 0.1 * std::abs(range.low);
    range = {range.low - room, range.high + room};
  }
  return WidenToTicks(range, ticks);
}

// Of all finite values that `values` is called to give.
class Extent {
 public:
  void Add(double value) {
    if (std::isfinite(value)) {
      range_ = any_ ? AxisRange{std::min(range_.low, value), std::max(range_.high, value)}
                    : AxisRange{value, value};
      any_ = true;
    }
  }
  const AxisRange& range() const { return range_; }

 private:
  AxisRange range_;
  bool any_ = false;
};

}  // namespace

bool IsPoint(const Series& series, size_t i) {
  return std::isfinite(series.x[i]) && std::isfinite(series.y[i]);
}

absl::Status CheckSeries(const Figure& figure, const std::vector<Series>& series) {
  LINGULA_RETURN_IF_ERROR(CheckFigure(figure));
  if (series.empty()) {
    return Empty("series");
  }
  for (const Series& s : series) {
    if (s.x.size() != s.y.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("series '", s.name, "' has ", s.x.size(), " x and ", s.y.size(), " y"));
    }
    bool any = false;
    for (size_t i = 0; i < s.x.size() && !any; ++i) {
      any = IsPoint(s, i);
    }
    if (!any) {
      return absl::InvalidArgumentError(
          absl::StrCat("series '", s.name, "' has no finite point to draw"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckBars(const Figure& figure, const std::vector<Bar>& bars) {
  LINGULA_RETURN_IF_ERROR(CheckFigure(figure));
  if (bars.empty()) {
    return Empty("bars");
  }
  for (const Bar& bar : bars) {
    if (!std::isfinite(bar.value)) {
      return absl::InvalidArgumentError(absl::StrCat("bar '", bar.name, "' has no finite value"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSamples(const Figure& figure, const std::vector<ValueSet>& samples, int bins) {
  LINGULA_RETURN_IF_ERROR(CheckFigure(figure));
  if (samples.empty()) {
    return Empty("samples");
  }
  if (bins < 1 || bins > 200) {
    return absl::InvalidArgumentError(
        absl::StrCat("a histogram of ", bins, " bins; allowed are 1 to 200"));
  }
  for (const ValueSet& sample : samples) {
    if (!HasFinite(sample.values)) {
      return absl::InvalidArgumentError(
          absl::StrCat("sample '", sample.name, "' has no finite value"));
    }
  }
  return absl::OkStatus();
}

AxisRange XRange(const Figure& figure, const std::vector<Series>& series, int ticks) {
  Extent extent;
  for (const Series& s : series) {
    for (size_t i = 0; i < s.x.size(); ++i) {
      extent.Add(IsPoint(s, i) ? s.x[i] : NAN);
    }
  }
  return figure.x_range ? *figure.x_range : Round(extent.range(), ticks);
}

AxisRange YRange(const Figure& figure, const std::vector<Series>& series, int ticks) {
  Extent extent;
  for (const Series& s : series) {
    for (size_t i = 0; i < s.y.size(); ++i) {
      extent.Add(IsPoint(s, i) ? s.y[i] : NAN);
    }
  }
  return figure.y_range ? *figure.y_range : Round(extent.range(), ticks);
}

AxisRange BarRange(const Figure& figure, const std::vector<Bar>& bars, int ticks) {
  Extent extent;
  extent.Add(0);
  for (const Bar& bar : bars) {
    extent.Add(bar.value);
    extent.Add(bar.low);
    extent.Add(bar.high);
  }
  return figure.x_range ? *figure.x_range : Round(extent.range(), ticks);
}

AxisRange SampleRange(const Figure& figure, const std::vector<ValueSet>& samples, int ticks) {
  Extent extent;
  for (const ValueSet& sample : samples) {
    std::for_each(sample.values.begin(), sample.values.end(), [&](double v) { extent.Add(v); });
  }
  return figure.x_range ? *figure.x_range : Round(extent.range(), ticks);
}

Series CountBins(const ValueSet& sample, const AxisRange& range, int bins) {
  Series counts{sample.name, {}, std::vector<double>(bins)};
  for (int b = 0; b < bins; ++b) {
    counts.x.push_back(b);
  }
  double all = 0;
  for (const double value : sample.values) {
    all += std::isfinite(value) ? 1 : 0;
  }
  for (const double value : sample.values) {
    if (value >= range.low && value <= range.high) {
      const double place = (value - range.low) / (range.high - range.low) * bins;
      counts.y[std::min(bins - 1, static_cast<int>(place))] += 100 / all;
    }
  }
  return counts;
}

}  // namespace lingula
