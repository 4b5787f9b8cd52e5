// Masks and probabilities as plain bytes, row-major and without padding but where it is said.
#pragma once

#include <string>

#include <opencv2/core/mat.hpp>

namespace lingula {

// One bit a pixel of a mask (CV_8UC1, 0 or not): rows filled up to whole bytes with zeros, the
// leftmost pixel in a byte's highest bit.
std::string PackBits(const cv::Mat& mask);

// One byte a pixel of a mask: 0 or 1.
std::string LabelBytes(const cv::Mat& mask);

// round(255 * p) of each pixel. Probabilities are CV_32FC1; what lies outside [0, 1] is taken for
// the nearer end, NaN for 0, as RenderMask takes it.
std::string ProbabilityBytes(const cv::Mat& probabilities);

// The float32 values themselves, little-endian, in [0, 1].
std::string ProbabilityFloats(const cv::Mat& probabilities);

}  // namespace lingula
