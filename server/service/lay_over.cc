#include "server/service/lay_over.h"

#include <algorithm>
#include <utility>

#include "model/image/preprocess.h"

namespace lingula {

LaidMask LayOver(const SegmentJob& job, const std::vector<float>& probabilities, cv::Size size) {
  const InputSpec& spec = job.model->input();
  cv::Mat map;
  RenderedMask rendered;
  if (std::any_of(job.forms.begin(), job.forms.end(), NeedsProbabilities)) {
    map = RestoreProbabilities(probabilities, spec, size);
    rendered = RenderMask(map, job.threshold);
  } else {
    EnlargedRows rows(UprightProbabilities(probabilities, spec), size);
    rendered = RenderMask(rows, job.threshold);
  }
  return {{std::move(rendered.mask), std::move(map)}, rendered.sums};
}

}  // namespace lingula
