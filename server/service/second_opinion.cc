#include "server/service/second_opinion.h"

#include <utility>

#include "model/base/status_macros.h"
#include "server/service/lay_over.h"
#include "server/service/overlap.h"

namespace lingula {

JudgedMask JudgeSecond(const SegmentJob& job, const SecondPrediction& second,
                       const JudgedMask& first, SecondResult& result) {
  LaidMask laid = LayOver(job, second.probabilities, first.mask.size());
  const OverlapCounts counts = CountOverlap(laid.judged.mask, first.mask);
  if (counts.true_positive + counts.false_positive + counts.false_negative > 0) {
    result.dice = counts.Dice();
  }
  result.foreground = laid.sums.foreground;
  result.report = second.report;
  result.prototypes = second.prototypes;
  result.prototype_margin = second.prototype_margin;
  return std::move(laid.judged);
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
