#include "model/image/frontal_look.h"

#include <opencv2/imgproc.hpp>

#include "model/image/opencv_door.h"

namespace lingula {

bool LooksFrontal(const std::vector<float>& input, const InputSpec& spec) {
  KeepOpenCvOnOneThread();
  const cv::Mat plane(spec.side_px, spec.side_px, CV_32FC1, const_cast<float*>(input.data()));
  cv::Mat small;
  cv::resize(plane, small, {kFrontalLookSide, kFrontalLookSide}, 0, 0, cv::INTER_AREA);
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(small, mean, deviation);
  double score = kFrontalLookBias;
  for (int y = 0; y < kFrontalLookSide; ++y) {
    for (int x = 0; x < kFrontalLookSide; ++x) {
      const float value = spec.transpose ? small.at<float>(x, y) : small.at<float>(y, x);
      score +=
          kFrontalLookWeights[y * kFrontalLookSide + x] * (value - mean[0]) / (deviation[0] + 1e-6);
    }
  }
  return score <= 0;
}

}  // namespace lingula
