// Averaging a large picture down.
#pragma once

#include <opencv2/core/mat.hpp>

namespace lingula {

// The mean over the area that each pixel of the result covers, CV_32F with the channels of `pixels`
// and without rounding. `pixels`: CV_8U or CV_16U; `to`: along each axis 1 to the size of `pixels`.
cv::Mat AreaMeans(const cv::Mat& pixels, cv::Size to);

}  // namespace lingula
