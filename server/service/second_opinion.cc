#include "server/service/second_opinion.h"

#include <algorithm>
#include <utility>

#include <opencv2/core.hpp>

#include "absl/types/span.h"
#include "model/base/status_macros.h"
#include "model/eval/overlap.h"
#include "model/image/mask.h"
#include "model/image/preprocess.h"

namespace lingula {
namespace {

absl::Span<const uint8_t> Bytes(const cv::Mat& mask) {
  return absl::MakeConstSpan(mask.data, mask.total());
}

}  // namespace

JudgedMask JudgeSecond(const SegmentJob& job, const SecondPrediction& second,
                       const JudgedMask& first, SecondResult& result) {
  const cv::Size size = first.mask.size();
  EnlargedRows rows(UprightProbabilities(second.probabilities, job.model->input()), size);
  RenderedMask rendered = RenderMask(rows, job.threshold);
  const OverlapCounts counts = CountOverlap(Bytes(rendered.mask), Bytes(first.mask));
  if (counts.true_positive + counts.false_positive + counts.false_negative > 0) {
    result.dice = counts.Dice();
  }
  result.foreground = rendered.sums.foreground;
  result.report = second.report;
  result.prototypes = second.prototypes;
  result.prototype_margin = second.prototype_margin;
  const bool map_wanted = std::any_of(job.forms.begin(), job.forms.end(), NeedsProbabilities);
  return {rendered.mask, map_wanted
                             ? RestoreProbabilities(second.probabilities, job.model->input(), size)
                             : cv::Mat()};
}

absl::Status EncodeSecond(const SegmentJob& job, const JudgedMask& judged, const cv::Mat& picture,
                          SecondResult& result) {
  MaskSubject subject;
  subject.picture = picture;
  for (const MaskForm form : job.forms) {
    if (IsDicom(form)) {
      continue;  // a PACS must not take it for the answer
    }
    LINGULA_ASSIGN_OR_RETURN(EncodedMask encoded, EncodeMask(form, judged, subject));
    result.masks.push_back(std::move(encoded));
  }
  return absl::OkStatus();
}

}  // namespace lingula
