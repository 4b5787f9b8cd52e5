// Calmer masks of a video.
#pragma once

#include <vector>

#include <opencv2/core/types.hpp>

namespace lingula {

// Mixes the probabilities of a frame with those of the frames before:
// p = weight * p of the frame before + (1 - weight) * p of the network, pixel by pixel. It starts
// anew when the size of the frames or of the network's output changes. Frames that were dropped
// leave no trace.
//
// Threads  Not thread-safe: one frame at a time, in order.
class Smoothing {
 public:
  // `weight` in [0, 1).
  explicit Smoothing(float weight) : weight_(weight) {}

  // `frame_size`: of the picture sent; `probabilities`: the network's, replaced by the mix.
  void Apply(cv::Size frame_size, std::vector<float>& probabilities);

 private:
  const float weight_;
  cv::Size frame_size_;
  std::vector<float> past_;
};

}  // namespace lingula
