// What charts share: title, axes, grid, legend, and where a value lies.
#pragma once

#include <string>
#include <vector>

#include "model/plot/canvas.h"
#include "model/plot/plot.h"

namespace lingula {

inline constexpr Colour kInk{40, 40, 40};
inline constexpr Colour kFaint{225, 225, 225};

// Seven colours that people with any colour vision tell apart; then they begin again.
Colour SeriesColour(size_t index);

// Letters' heights.
inline constexpr double kTitleHeight = 13, kLabelHeight = 11, kTickHeight = 9.5;

// The axes of one chart. Names of rows, for bars, replace the numbers of the y axis: row i lies at
// y = i, the first on top.
struct Axes {
  AxisRange x, y;
  std::vector<std::string> rows;
};

// Takes place for all texts, so that nothing ever covers the data.
class Frame {
 public:
  // `legend` has one name a series; empty ones are left out.
  Frame(Canvas& canvas, const Figure& figure, Axes axes, const std::vector<std::string>& legend);

  Point At(double x, double y) const;
  const Box& plot() const { return plot_; }
  // The lines around the data; after the data, so that they stay whole.
  void Close();

 private:
  void DrawLegend(const Figure& figure, const std::vector<std::string>& legend);
  void DrawX(const Figure& figure);
  void DrawY(const Figure& figure);
  void DrawRows();

  Canvas& canvas_;
  Axes axes_;
  Box plot_;
};

}  // namespace lingula
