#include "model/plot/frame.h"

#include <algorithm>
#include <iterator>

#include "model/plot/ticks.h"

namespace lingula {
namespace {

constexpr double kMargin = 14, kGap = 8;
constexpr double kLegendRow = 22, kSwatch = 22;
constexpr int kXTicks = 8, kYTicks = 7;

// `text`, cut to a width.
std::string Fit(std::string text, double height_px, double width_px) {
  if (TextWidth(text, height_px) <= width_px) {
    return text;
  }
  while (!text.empty() && TextWidth(text + "...", height_px) > width_px) {
    text.pop_back();
  }
  return text + "...";
}

}  // namespace

Colour SeriesColour(size_t index) {
  // Okabe and Ito (2008), without the yellow, which is too light on white; ordered so that the
  // first few differ in lightness, too.
  constexpr Colour kColours[] = {{0, 114, 178}, {213, 94, 0},   {0, 158, 115}, {204, 121, 167},
                                 {230, 159, 0}, {86, 180, 233}, {0, 0, 0}};
  return kColours[index % std::size(kColours)];
}

Frame::Frame(Canvas& canvas, const Figure& figure, Axes axes,
             const std::vector<std::string>& legend)
    : canvas_(canvas), axes_(std::move(axes)) {
  plot_ = {kMargin, kMargin, figure.width_px - 2 * kMargin, figure.height_px - kMargin};
  if (!figure.title.empty()) {
    canvas_.Text(Fit(figure.title, kTitleHeight, figure.width_px - 2 * kMargin),
                 {figure.width_px / 2.0, kMargin + kTitleHeight}, kTitleHeight, kInk,
                 Align::kMiddle);
    plot_.top += kTitleHeight + 2 * kGap;
  }
  DrawLegend(figure, legend);
  plot_.top += kTickHeight / 2;
  plot_.bottom -= kTickHeight + kGap + (figure.x_label.empty() ? 0 : kLabelHeight + 1.5 * kGap);
  plot_.left += figure.y_label.empty() ? 0 : kLabelHeight + 1.5 * kGap;
  double widest = 0;
  for (const std::string& label :
       axes_.rows.empty() ? TicksIn(axes_.y, kYTicks).labels : axes_.rows) {
    widest = std::max(widest, TextWidth(label, kTickHeight));
  }
  plot_.left += std::min(widest, 0.4 * figure.width_px) + kGap;
  DrawX(figure);
  if (axes_.rows.empty()) {
    DrawY(figure);
  } else {
    DrawRows();
  }
}

Point Frame::At(double x, double y) const {
  const double right = (x - axes_.x.low) / (axes_.x.high - axes_.x.low);
  const double up = (y - axes_.y.low) / (axes_.y.high - axes_.y.low);
  return {plot_.left + right * (plot_.right - plot_.left),
          plot_.bottom - up * (plot_.bottom - plot_.top)};
}

void Frame::DrawLegend(const Figure& figure, const std::vector<std::string>& legend) {
  const double room = figure.width_px - 2 * kMargin;
  double x = kMargin, y = plot_.top;
  bool any = false;
  for (size_t i = 0; i < legend.size(); ++i) {
    if (legend[i].empty()) {
      continue;
    }
    const std::string name = Fit(legend[i], kTickHeight, room - kSwatch - kGap);
    const double width = kSwatch + kGap + TextWidth(name, kTickHeight) + 2 * kGap;
    if (any && x + width > kMargin + room) {
      x = kMargin;
      y += kLegendRow;
    }
    any = true;
    const double middle = y + kLegendRow / 2;
    canvas_.Fill({x, middle - 4, x + kSwatch, middle + 4}, SeriesColour(i));
    canvas_.Text(name, {x + kSwatch + kGap, middle + kTickHeight / 2}, kTickHeight, kInk,
                 Align::kStart);
    x += width;
  }
  plot_.top = any ? y + kLegendRow + kGap : plot_.top;
}

void Frame::DrawX(const Figure& figure) {
  // Fewer ticks where their labels would touch.
  const double room = plot_.right - plot_.left;
  Ticks ticks = TicksIn(axes_.x, kXTicks);
  for (int wanted = kXTicks; wanted > 2; --wanted) {
    double width = 0;
    for (const std::string& label : ticks.labels) {
      width = std::max(width, TextWidth(label, kTickHeight));
    }
    if ((width + 2 * kGap) * static_cast<double>(ticks.at.size()) <= room) {
      break;
    }
    ticks = TicksIn(axes_.x, wanted - 1);
  }
  for (size_t i = 0; i < ticks.at.size(); ++i) {
    const double x = At(ticks.at[i], axes_.y.low).x;
    canvas_.Line({x, plot_.top}, {x, plot_.bottom}, kFaint, 1);
    canvas_.Text(ticks.labels[i], {x, plot_.bottom + kGap + kTickHeight}, kTickHeight, kInk,
                 Align::kMiddle);
  }
  canvas_.Text(Fit(figure.x_label, kLabelHeight, figure.width_px - 2 * kMargin),
               {(plot_.left + plot_.right) / 2, figure.height_px - kMargin}, kLabelHeight, kInk,
               Align::kMiddle);
}

void Frame::DrawY(const Figure& figure) {
  const Ticks ticks = TicksIn(axes_.y, kYTicks);
  for (size_t i = 0; i < ticks.at.size(); ++i) {
    const double y = At(axes_.x.low, ticks.at[i]).y;
    canvas_.Line({plot_.left, y}, {plot_.right, y}, kFaint, 1);
    canvas_.Text(ticks.labels[i], {plot_.left - kGap, y + kTickHeight / 2}, kTickHeight, kInk,
                 Align::kEnd);
  }
  if (!figure.y_label.empty()) {
    canvas_.TextUp(figure.y_label, {kMargin + kLabelHeight / 2, (plot_.top + plot_.bottom) / 2},
                   kLabelHeight, kInk);
  }
}

void Frame::DrawRows() {
  for (size_t i = 0; i < axes_.rows.size(); ++i) {
    const double y = At(axes_.x.low, static_cast<double>(i)).y;
    canvas_.Text(Fit(axes_.rows[i], kTickHeight, plot_.left - kMargin - kGap),
                 {plot_.left - kGap, y + kTickHeight / 2}, kTickHeight, kInk, Align::kEnd);
  }
}

void Frame::Close() {
  const Point corner{plot_.left, plot_.bottom};
  canvas_.Line({plot_.left, plot_.top}, corner, kInk, 1.2);
  canvas_.Line(corner, {plot_.right, plot_.bottom}, kInk, 1.2);
}

}  // namespace lingula
