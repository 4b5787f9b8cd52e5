// Masks as pixel data of a Segmentation of one frame, filled up to an even number of bytes.
// Private to this folder; thread-safe.
#pragma once

#include <string>

#include <opencv2/core/mat.hpp>

namespace lingula {

// A bit a pixel, 1 where `mask` (CV_8UC1) is 255: the first pixel is the lowest bit of the first
// byte, and rows follow each other without a gap (PS3.5 8.1.1).
std::string BinaryPixels(const cv::Mat& mask);

// A byte a pixel, round(255 p); `probabilities`: CV_32FC1 in [0, 1].
std::string FractionalPixels(const cv::Mat& probabilities);

}  // namespace lingula
