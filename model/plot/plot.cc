#include "model/plot/plot.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/image/opencv_door.h"
#include "model/image/png_file.h"
#include "model/plot/chart_check.h"
#include "model/plot/frame.h"
#include "model/plot/ticks.h"

namespace lingula {
namespace {

constexpr int kTicks = 7;
constexpr double kLineWidth = 2, kPointRadius = 3;
constexpr size_t kFewPoints = 40;  // up to here each is marked on its line

std::vector<std::string> Names(const std::vector<Series>& series) {
  std::vector<std::string> names;
  for (const Series& s : series) {
    names.push_back(s.name);
  }
  return names;
}

// Draws by `draw` and writes the file.
absl::Status Draw(const std::string& path, const Figure& figure, const Axes& axes,
                  const std::vector<std::string>& legend,
                  const std::function<void(Canvas&, const Frame&)>& draw) {
  const auto png = WithOpenCv("drawing a chart", [&]() -> absl::StatusOr<std::string> {
    Canvas canvas(figure.width_px, figure.height_px);
    Frame frame(canvas, figure, axes, legend);
    const Box& plot = frame.plot();  // points on its edge are seen whole
    canvas.ClipTo({plot.left - kPointRadius, plot.top - kPointRadius, plot.right + kPointRadius,
                   plot.bottom + kPointRadius});
    draw(canvas, frame);
    if (figure.diagonal) {
      const double low = std::max(axes.x.low, axes.y.low);
      const double high = std::min(axes.x.high, axes.y.high);
      canvas.Dashes(frame.At(low, low), frame.At(high, high), kInk, 1.2);
    }
    canvas.Unclip();
    frame.Close();
    return EncodePng(canvas.Finish(), PngEffort::kPhoto);
  });
  LINGULA_RETURN_IF_ERROR(png.status());
  return WriteFile(path, *png);
}

void DrawLine(const Series& series, Colour colour, Canvas& canvas, const Frame& frame) {
  const size_t n = series.x.size();
  const auto there = [&](size_t i) { return i < n && IsPoint(series, i); };
  for (size_t i = 0; i < n; ++i) {
    if (!there(i)) {
      continue;
    }
    const Point at = frame.At(series.x[i], series.y[i]);
    if (there(i + 1)) {
      canvas.Line(at, frame.At(series.x[i + 1], series.y[i + 1]), colour, kLineWidth);
    }
    const bool alone = !there(i + 1) && (i == 0 || !there(i - 1));
    if (alone || n <= kFewPoints) {
      canvas.Disc(at, kPointRadius, colour);
    }
  }
}

}  // namespace

absl::Status PlotLines(const std::string& path, const Figure& figure,
                       const std::vector<Series>& series) {
  LINGULA_RETURN_IF_ERROR(CheckSeries(figure, series));
  Axes axes{XRange(figure, series, kTicks), YRange(figure, series, kTicks), {}};
  return Draw(path, figure, axes, Names(series), [&](Canvas& canvas, const Frame& frame) {
    for (size_t s = 0; s < series.size(); ++s) {
      DrawLine(series[s], SeriesColour(s), canvas, frame);
    }
  });
}

absl::Status PlotScatter(const std::string& path, const Figure& figure,
                         const std::vector<Series>& series) {
  LINGULA_RETURN_IF_ERROR(CheckSeries(figure, series));
  Axes axes{XRange(figure, series, kTicks), YRange(figure, series, kTicks), {}};
  return Draw(path, figure, axes, Names(series), [&](Canvas& canvas, const Frame& frame) {
    for (size_t s = 0; s < series.size(); ++s) {
      // Crowds show as darker places.
      const double opacity = series[s].x.size() > 200 ? 0.35 : 0.7;
      for (size_t i = 0; i < series[s].x.size(); ++i) {
        if (IsPoint(series[s], i)) {
          canvas.Disc(frame.At(series[s].x[i], series[s].y[i]), kPointRadius, SeriesColour(s),
                      opacity);
        }
      }
    }
  });
}

absl::Status PlotBars(const std::string& path, const Figure& figure, const std::vector<Bar>& bars) {
  LINGULA_RETURN_IF_ERROR(CheckBars(figure, bars));
  const double rows = static_cast<double>(bars.size());
  Axes axes{BarRange(figure, bars, kTicks), {rows - 0.5, -0.5}, {}};
  for (const Bar& bar : bars) {
    axes.rows.push_back(bar.name);
  }
  const double start = std::clamp(0.0, axes.x.low, axes.x.high);
  return Draw(path, figure, axes, {}, [&](Canvas& canvas, const Frame& frame) {
    const double row_px = (frame.plot().bottom - frame.plot().top) / rows;
    const double half = std::min(0.32 * row_px, 22.0);
    for (size_t i = 0; i < bars.size(); ++i) {
      const Bar& bar = bars[i];
      const double y = static_cast<double>(i);
      const Point from = frame.At(start, y), to = frame.At(bar.value, y);
      canvas.Fill({std::min(from.x, to.x), from.y - half, std::max(from.x, to.x), from.y + half},
                  SeriesColour(0), 0.8);
      double end = to.x;
      if (std::isfinite(bar.low) && std::isfinite(bar.high)) {
        const Point low = frame.At(bar.low, y), high = frame.At(bar.high, y);
        canvas.Line(low, high, kInk, 1.5);
        for (const Point& cap : {low, high}) {
          canvas.Line({cap.x, cap.y - half / 2}, {cap.x, cap.y + half / 2}, kInk, 1.5);
        }
        end = std::max(end, high.x);
      }
      const std::string value = absl::StrFormat("%.4g", bar.value);
      const double width = TextWidth(value, kTickHeight) + 6;
      const bool outside = end + width <= frame.plot().right;
      canvas.Unclip();
      canvas.Text(value, {outside ? end + 6 : from.x + 6, from.y + kTickHeight / 2}, kTickHeight,
                  outside ? kInk : Colour{255, 255, 255}, Align::kStart);
      canvas.ClipTo(frame.plot());
    }
  });
}

absl::Status PlotHistogram(const std::string& path, const Figure& figure,
                           const std::vector<ValueSet>& samples, int bins) {
  LINGULA_RETURN_IF_ERROR(CheckSamples(figure, samples, bins));
  const AxisRange x = SampleRange(figure, samples, kTicks);
  std::vector<Series> outlines;  // percent by the bin's number
  for (const ValueSet& sample : samples) {
    outlines.push_back(CountBins(sample, x, bins));
  }
  Figure counted = figure;
  if (!counted.y_range) {
    counted.y_range = WidenToTicks({0, YRange(figure, outlines, kTicks).high}, kTicks);
  }
  Axes axes{x, *counted.y_range, {}};
  return Draw(path, counted, axes, Names(outlines), [&](Canvas& canvas, const Frame& frame) {
    const double width = (x.high - x.low) / bins;
    for (size_t s = 0; s < outlines.size(); ++s) {
      Point last = frame.At(x.low, 0);
      for (int b = 0; b < bins; ++b) {
        const Point left = frame.At(x.low + b * width, outlines[s].y[b]);
        const Point right = frame.At(x.low + (b + 1) * width, outlines[s].y[b]);
        canvas.Fill({left.x, left.y, right.x, frame.plot().bottom}, SeriesColour(s), 0.35);
        canvas.Line(last, left, SeriesColour(s), 1.5);
        canvas.Line(left, right, SeriesColour(s), 1.5);
        last = right;
      }
      canvas.Line(last, frame.At(x.high, 0), SeriesColour(s), 1.5);
    }
  });
}

}  // namespace lingula
