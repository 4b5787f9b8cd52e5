// A white picture to draw on. The home of this folder's OpenCV.
#pragma once

#include <string>

#include <opencv2/core/mat.hpp>

#include "absl/strings/string_view.h"

namespace lingula {

struct Point {
  double x = 0, y = 0;
};
struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
};
struct Colour {
  int red = 0, green = 0, blue = 0;
};
enum class Align { kStart, kMiddle, kEnd };

// Lengths and positions are pixels of the finished picture and may lie between pixels. Drawn larger
// and reduced at the end: OpenCV's letters are thin strokes that need it.
class Canvas {
 public:
  Canvas(int width_px, int height_px);

  // From now on, nothing outside the box is drawn. Positions stay as they are.
  void ClipTo(const Box& box);
  void Unclip();

  void Line(Point from, Point to, Colour colour, double width_px);
  void Dashes(Point from, Point to, Colour colour, double width_px);
  void Disc(Point centre, double radius_px, Colour colour, double opacity = 1);
  void Fill(const Box& box, Colour colour, double opacity = 1);
  // `at` is on the line that letters stand on; `height_px` that of a capital letter.
  void Text(absl::string_view text, Point at, double height_px, Colour colour, Align align);
  // Reads upwards, centred at `middle`.
  void TextUp(absl::string_view text, Point middle, double height_px, Colour colour);

  cv::Mat Finish() const;  // CV_8UC3, BGR

 private:
  cv::Point At(Point point) const;  // in fractions of a drawn pixel
  cv::Rect Drawn(const Box& box) const;

  cv::Mat pixels_;
  cv::Rect clip_;
};

double TextWidth(absl::string_view text, double height_px);

}  // namespace lingula
