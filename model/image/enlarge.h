// A map of probabilities stretched over a picture, row by row. One home for the arithmetic: a mask
// that is made without the whole map equals one that is made from it.
#pragma once

#include <array>
#include <vector>

#include <opencv2/core/mat.hpp>

namespace lingula {

// Bilinear between the centres of pixels, as torch's interpolate without align_corners and OpenCV's
// INTER_LINEAR; beyond the outermost centres the value stays.
// Threads  Not thread-safe.
class EnlargedRows {
 public:
  // `map` CV_32FC1, not empty; `size` at least 1 x 1, smaller ones too.
  EnlargedRows(cv::Mat map, cv::Size size);
  EnlargedRows(const EnlargedRows&) = delete;
  EnlargedRows& operator=(const EnlargedRows&) = delete;

  cv::Size size() const { return size_; }
  // `size().width` values, good until the next call. Cheapest from top to bottom.
  const float* Row(int y);

 private:
  struct Between {
    int first = 0, second = 0;  // source rows or columns
    float weight = 0;           // of the second
  };
  struct Stretched {
    int source = -1;  // the row of `map_` that `values` are
    std::vector<float> values;
  };
  static Between At(int i, int from, int to);
  const std::vector<float>& Across(int source, int keep);

  const cv::Mat map_;
  const cv::Size size_;
  struct {  // of each column; apart, as vector registers load them
    std::vector<int> first, second;
    std::vector<float> weight;
  } columns_;
  std::array<Stretched, 2> stretched_;
  std::vector<float> row_;
};

}  // namespace lingula
