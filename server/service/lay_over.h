// A network's probabilities laid over the picture that they are about.
#pragma once

#include <vector>

#include <opencv2/core/types.hpp>

#include "model/image/mask.h"
#include "server/service/mask_forms.h"
#include "server/service/segment_job.h"

namespace lingula {

struct LaidMask {
  JudgedMask judged;
  MaskSums sums;
};

// The mask at `size` with the threshold of `job`; the map of probabilities at that size only where
// a form of `job` needs it. `probabilities` as in Prediction.
LaidMask LayOver(const SegmentJob& job, const std::vector<float>& probabilities, cv::Size size);

}  // namespace lingula
