#include "server/service/segment_answer.h"

#include <utility>
#include <vector>

#include "model/text/report_grammar.h"

namespace lingula {
namespace {

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

// Unspecified where pools are no zones.
v1::Zone ZoneOfPool(const LoadedModel& model, int label) {
  return PoolsAreZones(model.manifest()) ? ToProto(static_cast<Zone>(label)) : v1::ZONE_UNSPECIFIED;
}

void CopyZones(const SegmentResult& result, v1::GuidanceReceipt& receipt) {
  for (int i = 0; result.zones.has_value() && i < kZones; ++i) {
    v1::ZoneProbability& zone = *receipt.add_zones();
    zone.set_zone(ToProto(static_cast<Zone>(i)));
    zone.set_probability((*result.zones)[i]);
  }
}

void CopyPrototypes(const LoadedModel& model, const std::vector<RetrievedPrototype>& prototypes,
                    v1::GuidanceReceipt& receipt) {
  for (const RetrievedPrototype& from : prototypes) {
    v1::RetrievedPrototype& prototype = *receipt.add_prototypes();
    prototype.set_label(static_cast<uint32_t>(from.label));
    prototype.set_zone(ZoneOfPool(model, from.label));
    prototype.set_index(static_cast<uint32_t>(from.index));
    prototype.set_similarity(from.similarity);
  }
}

void MoveGuidance(SegmentResult& result, v1::GuidanceReceipt& receipt) {
  receipt.set_mode(ToProto(result.guidance));
  CopyZones(result, receipt);
  receipt.set_model_input_report(std::move(result.report));
  receipt.set_report_truncated(result.report_truncated);
  CopyPrototypes(*result.model, result.prototypes, receipt);
  receipt.set_prototype_margin(result.prototype_margin);
}

// The zone probabilities are those of the picture, whatever guides.
std::vector<Zone> ChangedZones(const SegmentResult& result) {
  std::vector<Zone> changed;
  const absl::StatusOr<ZoneBits> second = ParseReport(result.second->report);
  for (int i = 0; result.zones.has_value() && second.ok() && i < kZones; ++i) {
    if ((*second)[i] != Reported(*result.zones)[i]) {
      changed.push_back(static_cast<Zone>(i));
    }
  }
  return changed;
}

void MoveSecond(SegmentResult& result, v1::SecondOpinion& opinion) {
  SecondResult& second = *result.second;
  for (EncodedMask& mask : second.masks) {
    MoveMask(mask, result.width, result.height, *opinion.add_masks());
  }
  v1::GuidanceReceipt& receipt = *opinion.mutable_guidance();
  receipt.set_mode(ToProto(result.guidance));
  CopyZones(result, receipt);
  for (const Zone zone : ChangedZones(result)) {
    opinion.add_changed_zones(ToProto(zone));
  }
  receipt.set_model_input_report(std::move(second.report));
  CopyPrototypes(*result.model, second.prototypes, receipt);
  receipt.set_prototype_margin(second.prototype_margin);
  if (second.dice.has_value()) {
    opinion.set_dice(static_cast<float>(*second.dice));
  }
  opinion.set_foreground_pixels(static_cast<uint64_t>(second.foreground));
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
  if (trust.presence.has_value()) {
    quality.set_presence_probability(static_cast<float>(*trust.presence));
  }
  if (trust.terms.has_value()) {
    quality.set_boundary_entropy_bits(Term(*trust.terms, TrustTerm::kBandEntropy));
  }
  quality.set_component_count(static_cast<uint32_t>(trust.components));
  if (trust.agreement.has_value()) {
    quality.set_guidance_agreement(static_cast<float>(*trust.agreement));
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

v1::ViewerLeft ToProto(ViewerLeft side) {
  switch (side) {
    case ViewerLeft::kPatientRight:
      return v1::VIEWER_LEFT_IS_PATIENT_RIGHT;
    case ViewerLeft::kPatientLeft:
      return v1::VIEWER_LEFT_IS_PATIENT_LEFT;
    case ViewerLeft::kUnknown:
      break;
  }
  return v1::VIEWER_LEFT_UNSPECIFIED;
}

void CopyDicom(const SegmentResult& result, v1::DicomReceipt& receipt) {
  receipt.set_frame_number(static_cast<uint32_t>(result.dicom.notes->frame));
  receipt.set_frame_count(static_cast<uint32_t>(result.dicom.notes->frames));
  receipt.set_viewer_left(ToProto(result.viewer_left));
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

}  // namespace

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
  response.set_structured_report(std::move(result.structured_report));
  MoveGuidance(result, *response.mutable_guidance());
  if (result.location.has_value()) {
    MoveLocation(*result.location, *response.mutable_location());
  }
  CopyQuality(result, *response.mutable_quality());
  if (result.overlap.has_value()) {
    CopyOverlap(*result.overlap, *response.mutable_overlap());
  }
  if (result.dicom.notes.has_value()) {
    CopyDicom(result, *response.mutable_dicom());
  }
  if (result.second.has_value()) {
    MoveSecond(result, *response.mutable_second_opinion());
  }
  CopyTiming(result, *response.mutable_timing());
  for (const v1::Flag flag : result.flags) {
    response.add_flags(flag);
  }
  response.set_notice(result.model->manifest().notice());
  response.set_threshold(result.threshold);
}

}  // namespace lingula
