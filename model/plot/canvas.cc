#include "model/plot/canvas.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace lingula {
namespace {

constexpr int kLarger = 3;  // drawn pixels for one finished
constexpr int kShift = 4;   // bits of a fraction of a drawn pixel
constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr double kCapital = 21;  // height of its capitals at scale 1
constexpr double kStroke = 1.6;  // width of its strokes in finished pixels

cv::Scalar Bgr(Colour colour) {
  return cv::Scalar(colour.blue, colour.green, colour.red);
}

double FontScale(double height_px) {
  return height_px * kLarger / kCapital;
}

// OpenCV's smooth strokes are wider than they are asked to be.
int Width(double width_px) {
  return std::max(1, static_cast<int>(std::lround(width_px * kLarger - 2)));
}

}  // namespace

double TextWidth(absl::string_view text, double height_px) {
  int below = 0;
  return 1.0 / kLarger *
         cv::getTextSize(std::string(text), kFont, FontScale(height_px), Width(kStroke), &below)
             .width;
}

Canvas::Canvas(int width_px, int height_px)
    : pixels_(height_px * kLarger, width_px * kLarger, CV_8UC3, cv::Scalar::all(255)),
      clip_(0, 0, pixels_.cols, pixels_.rows) {}

cv::Rect Canvas::Drawn(const Box& box) const {
  const auto scaled = [](double v) { return static_cast<int>(std::lround(v * kLarger)); };
  const cv::Rect rect(cv::Point(scaled(box.left), scaled(box.top)),
                      cv::Point(scaled(box.right), scaled(box.bottom)));
  return rect & clip_;
}

void Canvas::ClipTo(const Box& box) {
  Unclip();
  clip_ = Drawn(box);
}

void Canvas::Unclip() {
  clip_ = cv::Rect(0, 0, pixels_.cols, pixels_.rows);
}

cv::Point Canvas::At(Point point) const {
  // Far outside is far enough: OpenCV's integers must hold it.
  const auto fixed = [](double v, int origin) {
    return static_cast<int>(
        std::lround((std::clamp(v * kLarger, -1e6, 1e6) - origin) * (1 << kShift)));
  };
  return {fixed(point.x, clip_.x), fixed(point.y, clip_.y)};
}

void Canvas::Line(Point from, Point to, Colour colour, double width_px) {
  cv::Mat inside = pixels_(clip_);
  cv::line(inside, At(from), At(to), Bgr(colour), Width(width_px), cv::LINE_AA, kShift);
}

void Canvas::Dashes(Point from, Point to, Colour colour, double width_px) {
  constexpr double kDash = 6, kPeriod = 11;
  const double length = std::hypot(to.x - from.x, to.y - from.y);
  const auto along = [&](double at) {
    const double t = length > 0 ? std::min(1.0, at / length) : 0;
    return Point{from.x + t * (to.x - from.x), from.y + t * (to.y - from.y)};
  };
  for (double at = 0; at < length; at += kPeriod) {
    Line(along(at), along(at + kDash), colour, width_px);
  }
}

void Canvas::Disc(Point centre, double radius_px, Colour colour, double opacity) {
  const double reach = radius_px + 1;
  const cv::Rect around =
      Drawn({centre.x - reach, centre.y - reach, centre.x + reach, centre.y + reach});
  if (around.empty()) {
    return;
  }
  const int radius = static_cast<int>(std::lround(radius_px * kLarger * (1 << kShift)));
  cv::Mat inside = pixels_(around);
  cv::Mat painted = inside.clone();
  const cv::Point origin(around.x - clip_.x, around.y - clip_.y);
  cv::circle(painted, At(centre) - origin * (1 << kShift), radius, Bgr(colour), cv::FILLED,
             cv::LINE_AA, kShift);
  cv::addWeighted(painted, opacity, inside, 1 - opacity, 0, inside);
}

void Canvas::Fill(const Box& box, Colour colour, double opacity) {
  cv::Mat inside = pixels_(Drawn(box));
  if (!inside.empty()) {
    const cv::Mat painted(inside.size(), CV_8UC3, Bgr(colour));
    cv::addWeighted(painted, opacity, inside, 1 - opacity, 0, inside);
  }
}

void Canvas::Text(absl::string_view text, Point at, double height_px, Colour colour, Align align) {
  const double width = TextWidth(text, height_px);
  at.x -= align == Align::kStart ? 0 : align == Align::kMiddle ? width / 2 : width;
  const cv::Point corner(static_cast<int>(std::lround(at.x * kLarger)),
                         static_cast<int>(std::lround(at.y * kLarger)));
  cv::putText(pixels_, std::string(text), corner, kFont, FontScale(height_px), Bgr(colour),
              Width(kStroke), cv::LINE_AA);
}

void Canvas::TextUp(absl::string_view text, Point middle, double height_px, Colour colour) {
  const double width = TextWidth(text, height_px);
  Canvas lying(static_cast<int>(std::ceil(width)) + 2, static_cast<int>(std::ceil(height_px * 2)));
  lying.Text(text, {1, height_px * 1.5}, height_px, colour, Align::kStart);
  cv::Mat standing;
  cv::rotate(lying.pixels_, standing, cv::ROTATE_90_COUNTERCLOCKWISE);
  const cv::Rect whole(static_cast<int>(middle.x * kLarger) - standing.cols / 2,
                       static_cast<int>(middle.y * kLarger) - standing.rows / 2, standing.cols,
                       standing.rows);
  const cv::Rect seen = whole & cv::Rect(0, 0, pixels_.cols, pixels_.rows);
  if (!seen.empty()) {
    cv::Mat inside = pixels_(seen);
    cv::min(inside, standing(seen - whole.tl()), inside);  // the darker of both: letters
  }
}

cv::Mat Canvas::Finish() const {
  cv::Mat small;
  cv::resize(pixels_, small, cv::Size(pixels_.cols / kLarger, pixels_.rows / kLarger), 0, 0,
             cv::INTER_AREA);
  return small;
}

}  // namespace lingula
