// Outlines of masks along the edges of their pixels.
#pragma once

#include <cstdint>
#include <vector>

#include <opencv2/core/mat.hpp>

namespace lingula {

// A closed outline. Its corners are points between pixels: pixel (column, row) covers
// [column, column + 1] x [row, row + 1].
struct MaskPolygon {
  std::vector<uint32_t> xy;  // x0, y0, x1, y1, ...; at least four corners, no three in a line
  bool hole = false;
};

// All outlines of `mask` (CV_8UC1, 0 or not); filled by the even-odd rule they give the mask back.
// Outer ones run clockwise as seen in the picture, holes the other way. Pixels that touch at a
// corner only are outlined apart.
std::vector<MaskPolygon> TracePolygons(const cv::Mat& mask);

}  // namespace lingula
