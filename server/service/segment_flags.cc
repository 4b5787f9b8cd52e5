#include "server/service/segment_flags.h"

#include <optional>

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

// Whether the file's own word is against `model`.
bool IsOtherThan(DicomSubject subject, v1::Modality model) {
  switch (subject) {
    case DicomSubject::kUnknown:
      return false;
    case DicomSubject::kXray:
    case DicomSubject::kChestXray:
      return model != v1::MODALITY_CHEST_XRAY;
    case DicomSubject::kEndoscopy:
      return model != v1::MODALITY_ENDOSCOPY;
    case DicomSubject::kOtherXray:
    case DicomSubject::kOther:
      return true;
  }
  return false;
}

void AddDicomFlags(const DicomNotes& notes, v1::Modality model, std::vector<v1::Flag>& flags) {
  if (notes.burned_in_text) {
    flags.push_back(v1::FLAG_BURNED_IN_TEXT);
  }
  if (IsOtherThan(notes.subject, model)) {
    flags.push_back(v1::FLAG_WRONG_MODALITY);
  }
  if (notes.photometric_fallback) {
    flags.push_back(v1::FLAG_PHOTOMETRIC_FALLBACK);
  }
}

}  // namespace

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
  const bool about_presence = zones.has_value() && zones->none() != mask_empty;
  if (about_presence || result.trust.conflict) {
    flags.push_back(v1::FLAG_GUIDANCE_CONFLICT);
  }
  if (lossy) {
    flags.push_back(v1::FLAG_LOSSY_INPUT);
  }
  if (result.trust.outlyingness.has_value() && result.trust.outlyingness->outside) {
    flags.push_back(v1::FLAG_OUT_OF_DISTRIBUTION);
  }
  if (result.dicom.view == DicomView::kOther && job.model->modality() == v1::MODALITY_CHEST_XRAY) {
    flags.push_back(v1::FLAG_WRONG_VIEW);
  }
  if (result.dicom.notes.has_value()) {
    AddDicomFlags(*result.dicom.notes, job.model->modality(), flags);
  }
  return flags;
}

}  // namespace lingula
