#include "server/service/segment_result.h"

#include <algorithm>
#include <utility>

#include "model/base/status_macros.h"
#include "model/image/preprocess.h"

namespace lingula {
namespace {

// What guided the mask, where it can be said in zones: the caller's, or those that the network
// reported.
std::optional<ZoneBits> GuidingZones(const SegmentJob& job, const SegmentResult& result) {
  if (result.guidance == GuidanceMode::kReport) {
    return job.free_text.empty() ? std::optional<ZoneBits>(job.report) : std::nullopt;
  }
  return result.zones.has_value() ? std::optional<ZoneBits>(Reported(*result.zones)) : std::nullopt;
}

std::vector<v1::Flag> FlagsFor(const SegmentJob& job, const SegmentResult& result, bool lossy) {
  std::vector<v1::Flag> flags;
  const bool mask_empty = result.sums.foreground == 0;
  if (mask_empty) {
    flags.push_back(v1::FLAG_EMPTY_MASK);
  } else {
    if (!result.trust.calibrated) {
      flags.push_back(v1::FLAG_UNCALIBRATED);
    }
    if (*result.trust.expected_dice < job.model->manifest().low_confidence_below()) {
      flags.push_back(v1::FLAG_LOW_CONFIDENCE);
    }
  }
  const std::optional<ZoneBits> zones = GuidingZones(job, result);
  if (zones.has_value() && zones->none() != mask_empty) {
    flags.push_back(v1::FLAG_GUIDANCE_CONFLICT);
  }
  if (lossy) {
    flags.push_back(v1::FLAG_LOSSY_INPUT);
  }
  if (result.trust.outlyingness.has_value() && result.trust.outlyingness->outside) {
    flags.push_back(v1::FLAG_OUT_OF_DISTRIBUTION);
  }
  return flags;
}

v1::GuidanceMode ToProto(GuidanceMode mode) {
  switch (mode) {
    case GuidanceMode::kGeneratedReport:
      return v1::GUIDANCE_MODE_GENERATED_REPORT;
    case GuidanceMode::kPrototypes:
      return v1::GUIDANCE_MODE_PROTOTYPES;
    case GuidanceMode::kReport:
      return v1::GUIDANCE_MODE_REPORT;
    case GuidanceMode::kWithheld:
      break;  // not reachable through the API
  }
  return v1::GUIDANCE_MODE_UNSPECIFIED;
}

v1::Zone ToProto(Zone zone) {
  return static_cast<v1::Zone>(static_cast<int>(zone) + 1);
}

v1::PatientSide ToProto(PatientSide side) {
  switch (side) {
    case PatientSide::kLeft:
      return v1::PATIENT_SIDE_LEFT;
    case PatientSide::kRight:
      return v1::PATIENT_SIDE_RIGHT;
    case PatientSide::kUnknown:
      break;
  }
  return v1::PATIENT_SIDE_UNSPECIFIED;
}

v1::BatchCut ToProto(BatchCut cut) {
  return static_cast<v1::BatchCut>(static_cast<int>(cut) + 1);  // the same order, after UNSPECIFIED
}

// The pools of a chest model with six labels are the lung zones.
v1::Zone ZoneOfPool(const LoadedModel& model, int label) {
  const bool zones =
      model.modality() == v1::MODALITY_CHEST_XRAY && model.manifest().prolearn().labels() == kZones;
  return zones ? ToProto(static_cast<Zone>(label)) : v1::ZONE_UNSPECIFIED;
}

void MoveGuidance(SegmentResult& result, v1::GuidanceReceipt& receipt) {
  receipt.set_mode(ToProto(result.guidance));
  for (int i = 0; result.zones.has_value() && i < kZones; ++i) {
    v1::ZoneProbability& zone = *receipt.add_zones();
    zone.set_zone(ToProto(static_cast<Zone>(i)));
    zone.set_probability((*result.zones)[i]);
  }
  receipt.set_model_input_report(std::move(result.report));
  receipt.set_report_truncated(result.report_truncated);
  for (const RetrievedPrototype& from : result.prototypes) {
    v1::RetrievedPrototype& prototype = *receipt.add_prototypes();
    prototype.set_label(static_cast<uint32_t>(from.label));
    prototype.set_zone(ZoneOfPool(*result.model, from.label));
    prototype.set_index(static_cast<uint32_t>(from.index));
    prototype.set_similarity(from.similarity);
  }
  receipt.set_prototype_margin(result.prototype_margin);
}

void MoveLocation(LocationText& from, v1::LocationText& location) {
  for (const Finding& finding : from.findings) {
    v1::Finding& added = *location.add_findings();
    added.set_zone(ToProto(finding.zone));
    added.set_patient_side(ToProto(finding.patient_side));
    added.set_probability(finding.probability);
  }
  location.set_sentence(std::move(from.sentence));
}

void CopyTrust(const SegmentResult& result, v1::Quality& quality) {
  const Trust& trust = result.trust;
  if (trust.expected_dice.has_value()) {
    quality.set_expected_dice(static_cast<float>(*trust.expected_dice));
  }
  if (trust.calibrated) {
    quality.set_calibrated(true);
    quality.set_expected_dice_low(static_cast<float>(trust.low));
    quality.set_expected_dice_high(static_cast<float>(trust.high));
    quality.set_coverage(static_cast<float>(result.model->calibration()->coverage()));
  }
  if (trust.outlyingness.has_value()) {
    quality.set_outlier_distance(static_cast<float>(trust.outlyingness->distance));
    quality.set_outlier_percentile(static_cast<float>(trust.outlyingness->percentile));
  }
}

void CopyQuality(const SegmentResult& result, v1::Quality& quality) {
  const MaskSums& sums = result.sums;
  const auto pixels = static_cast<double>(sums.pixels);
  CopyTrust(result, quality);
  quality.set_foreground_pixels(sums.foreground);
  quality.set_area_share(static_cast<double>(sums.foreground) / pixels);
  quality.set_sum_probability(sums.probability);
  quality.set_sum_probability_in_mask(sums.probability_in_mask);
  quality.set_sum_mask(static_cast<double>(sums.foreground));
  quality.set_mean_entropy_bits(result.trust.mean_entropy_bits);
  quality.set_max_probability(sums.max_probability);
}

void CopyTiming(const SegmentResult& result, v1::TimingReceipt& timing) {
  const StageTimes& times = result.times;
  timing.set_decode_us(times[Stage::kDecode]);
  timing.set_preprocess_us(times[Stage::kPreprocess]);
  timing.set_queue_us(times[Stage::kQueue]);
  timing.set_infer_us(times[Stage::kInfer]);
  timing.set_postprocess_us(times[Stage::kPostprocess]);
  timing.set_encode_us(times[Stage::kEncode]);
  timing.set_total_us(times[Stage::kTotal]);
  timing.set_batch_size(result.batch.batch_size);
  timing.set_batch_cut(ToProto(result.batch.cut));
}

LocationText Locate(const SegmentJob& job, const SegmentResult& result,
                    const RenderedMask& rendered) {
  const auto foreground = static_cast<double>(rendered.sums.foreground);
  if (result.zones.has_value()) {
    return DescribeLocation(*result.zones, foreground == 0, job.viewer_left);
  }
  const cv::Point2d centre = MaskCentre(rendered.mask);
  return DescribePlace(foreground / static_cast<double>(rendered.sums.pixels), centre.x, centre.y);
}

// A calibration says nothing of masks that were made in another way.
Asked AskedBy(const SegmentJob& job) {
  const LoadedModel& model = *job.model;
  const bool as_calibrated = job.threshold == model.manifest().threshold() &&
                             job.guidance == OwnGuidance(model.engine()) && !job.smoothed;
  return {job.threshold, as_calibrated, model.input().transpose};
}

}  // namespace

JudgedMask Judge(const SegmentJob& job, Prediction prediction, cv::Size size, bool lossy,
                 SegmentResult& result) {
  EnlargedRows rows(UprightProbabilities(prediction.probabilities, job.model->input()), size);
  RenderedMask rendered = RenderMask(rows, job.threshold);
  result.trust = TrustIn(job.model->calibration(), prediction, rendered.sums, AskedBy(job));
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
  result.sums = rendered.sums;
  result.flags = FlagsFor(job, result, lossy);
  if (job.want_location) {
    result.location = Locate(job, result, rendered);
  }
  const bool map_wanted = std::any_of(job.forms.begin(), job.forms.end(), NeedsProbabilities);
  return {rendered.mask,
          map_wanted ? RestoreProbabilities(prediction.probabilities, job.model->input(), size)
                     : cv::Mat()};
}

absl::Status EncodeMasks(const SegmentJob& job, const JudgedMask& judged, const cv::Mat& picture,
                         SegmentResult& result) {
  for (const MaskForm form : job.forms) {
    LINGULA_ASSIGN_OR_RETURN(EncodedMask encoded, EncodeMask(form, judged, picture));
    result.masks.push_back(std::move(encoded));
  }
  return absl::OkStatus();
}

void MoveInto(SegmentResult& result, v1::SegmentResponse& response) {
  response.set_request_id(std::move(result.request_id));
  v1::ModelIdentity& identity = *response.mutable_model();
  identity.set_name(result.model->manifest().name());
  identity.set_version(result.model->manifest().version());
  identity.set_weights_sha256(result.model->source().weights_sha256);
  identity.set_family(std::string(result.model->family()));
  for (EncodedMask& mask : result.masks) {
    MoveMask(mask, result.width, result.height, *response.add_masks());
  }
  MoveGuidance(result, *response.mutable_guidance());
  if (result.location.has_value()) {
    MoveLocation(*result.location, *response.mutable_location());
  }
  CopyQuality(result, *response.mutable_quality());
  if (result.overlap.has_value()) {
    CopyOverlap(*result.overlap, *response.mutable_overlap());
  }
  CopyTiming(result, *response.mutable_timing());
  for (const v1::Flag flag : result.flags) {
    response.add_flags(flag);
  }
  response.set_notice(result.model->manifest().notice());
  response.set_threshold(result.threshold);
}

}  // namespace lingula
