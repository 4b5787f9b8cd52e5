#include "server/service/segment_result.h"

#include <utility>

#include "model/base/status_macros.h"
#include "server/service/dicom_answer.h"
#include "server/service/errors.h"
#include "server/service/lay_over.h"
#include "server/service/segment_flags.h"

namespace lingula {
namespace {

LocationText Locate(const SegmentJob& job, const SegmentResult& result, const cv::Mat& mask) {
  const auto foreground = static_cast<double>(result.sums.foreground);
  if (result.zones.has_value()) {
    return DescribeLocation(*result.zones, foreground == 0, job.viewer_left, *job.phrases);
  }
  const cv::Point2d centre = MaskCentre(mask);
  return DescribePlace({foreground / static_cast<double>(result.sums.pixels), centre.x, centre.y,
                        result.trust.components},
                       *job.phrases);
}

// A calibration says nothing of masks that were made in another way.
Asked AskedBy(const SegmentJob& job, const Prediction& prediction) {
  const LoadedModel& model = *job.model;
  const std::optional<ZoneBits> told =
      job.free_text.empty() ? std::optional<ZoneBits>(job.report) : std::nullopt;
  const bool as_calibrated = job.threshold == model.manifest().threshold() &&
                             job.guidance == OwnGuidance(model.engine()) && !job.smoothed;
  return {job.threshold, as_calibrated, model.input().transpose,
          GuidedBy(prediction, told, PoolsAreZones(model.manifest()))};
}

// What is wrong with the caller's file names its field; the rest is our own fault.
absl::Status InField(absl::Status status, const SegmentJob& job) {
  return absl::IsInvalidArgument(status) ? WithField(std::move(status), FieldOf(job.image))
                                         : status;
}

absl::Status AddReport(const SegmentJob& job, const JudgedMask& judged, const MaskSubject& subject,
                       SegmentResult& result) {
  if (subject.source == nullptr) {
    return absl::InternalError("a DICOM report was asked for without a DICOM file");
  }
  // It refers to the Segmentation only when the caller gets one.
  const cv::Mat mask = job.Wants(MaskForm::kDicomSeg) ? judged.mask : cv::Mat();
  absl::StatusOr<std::string> report = WriteDicomReport(*subject.source, mask, subject.target,
                                                        subject.algorithm, MeasurementsOf(result));
  if (!report.ok()) {
    return InField(report.status(), job);
  }
  result.structured_report = *std::move(report);
  if (!job.want_location) {
    result.location.reset();  // it was found for the report's sake
  }
  return absl::OkStatus();
}

}  // namespace

JudgedMask Judge(const SegmentJob& job, Prediction prediction, cv::Size size, bool lossy,
                 SegmentResult& result) {
  LaidMask laid = LayOver(job, prediction.probabilities, size);
  result.trust = TrustIn(job.model->calibration(), prediction, laid.sums, AskedBy(job, prediction));
  result.request_id = job.request_id;
  result.model = job.model;
  result.width = size.width;
  result.height = size.height;
  result.threshold = job.threshold;
  result.guidance = prediction.guidance;
  result.zones = prediction.zones;
  result.report = std::move(prediction.report);
  result.report_truncated = prediction.report_truncated;
  result.prototypes = std::move(prediction.prototypes);
  result.prototype_margin = prediction.prototype_margin;
  result.sums = laid.sums;
  result.viewer_left = job.viewer_left;
  result.flags = FlagsFor(job, result, lossy);
  if (job.want_location || job.want_structured_report) {
    result.location = Locate(job, result, laid.judged.mask);
  }
  return std::move(laid.judged);
}

absl::Status EncodeMasks(const SegmentJob& job, const JudgedMask& judged, const cv::Mat& picture,
                         SegmentResult& result) {
  MaskSubject subject;
  subject.picture = picture;
  if (job.WantsDicom()) {
    subject.source = result.dicom.source.get();
    subject.target = TargetOf(*job.model);
    subject.algorithm = AlgorithmOf(job);
  }
  for (const MaskForm form : job.forms) {
    absl::StatusOr<EncodedMask> encoded = EncodeMask(form, judged, subject);
    if (!encoded.ok()) {
      return InField(encoded.status(), job);
    }
    result.masks.push_back(*std::move(encoded));
  }
  return job.want_structured_report ? AddReport(job, judged, subject, result) : absl::OkStatus();
}

}  // namespace lingula
