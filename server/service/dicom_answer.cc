#include "server/service/dicom_answer.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "model/bundle/bundle.h"

namespace lingula {
namespace {

std::string ParametersOf(const SegmentJob& job) {
  // Nine digits tell any two floats apart.
  const std::string parameters =
      absl::StrFormat("threshold=%.9g guidance=%s", job.threshold, GuidanceName(job.guidance));
  if (job.guidance != GuidanceMode::kReport) {
    return parameters;
  }
  return job.free_text.empty()
             ? absl::StrCat(parameters, " zones=", job.report.to_string())
             : absl::StrCat(parameters, " text_sha256=", Sha256Hex(job.free_text));
}

}  // namespace

DicomTarget TargetOf(const LoadedModel& model) {
  return model.modality() == v1::MODALITY_ENDOSCOPY ? DicomTarget::kPolyp
                                                    : DicomTarget::kLungOpacity;
}

DicomAlgorithm AlgorithmOf(const SegmentJob& job) {
  const LoadedModel& model = *job.model;
  return {model.manifest().name(), model.manifest().version(), std::string(model.family()),
          model.source().weights_sha256, ParametersOf(job)};
}

DicomMeasurements MeasurementsOf(const SegmentResult& result) {
  DicomMeasurements measured;
  measured.area_share =
      static_cast<double>(result.sums.foreground) / static_cast<double>(result.sums.pixels);
  measured.expected_dice = result.trust.expected_dice;
  if (result.trust.calibrated) {
    measured.dice_low = result.trust.low;
    measured.dice_high = result.trust.high;
    measured.coverage = result.model->calibration()->coverage();
  }
  if (result.location.has_value()) {
    measured.sentence = result.location->sentence;
    for (const Finding& finding : result.location->findings) {
      measured.zones.push_back({finding.zone, finding.patient_side, finding.probability});
    }
  }
  for (const v1::Flag flag : result.flags) {
    measured.flags.emplace_back(absl::StripPrefix(v1::Flag_Name(flag), "FLAG_"));
  }
  return measured;
}

}  // namespace lingula
