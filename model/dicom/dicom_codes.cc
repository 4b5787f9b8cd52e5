#include "model/dicom/dicom_codes.h"

namespace lingula {
namespace {

constexpr CodedConcept kAbnormalStructure = {"49755003", "SCT",
                                             "Morphologically Abnormal Structure"};

// The networks see shadows, not their cause: "Opacity" claims no infection.
constexpr TargetCodes kLungOpacity = {kAbnormalStructure,
                                      {"112001", "DCM", "Opacity"},
                                      {"39607008", "SCT", "Lung"},
                                      {"399208008", "SCT", "Plain chest X-ray"},
                                      "LUNG_OPACITY"};

constexpr TargetCodes kPolyp = {kAbnormalStructure,
                                {"68496003", "SCT", "Polyp of colon"},
                                {"71854001", "SCT", "Colon"},
                                {"73761001", "SCT", "Colonoscopy"},
                                "POLYP"};

// By Zone.
constexpr CodedConcept kZoneCodes[kZones] = {
    {"IMG_LEFT_UPPER", kOwnScheme, "Probability of a finding: upper zone, left side of the image"},
    {"IMG_LEFT_MIDDLE", kOwnScheme,
     "Probability of a finding: middle zone, left side of the image"},
    {"IMG_LEFT_LOWER", kOwnScheme, "Probability of a finding: lower zone, left side of the image"},
    {"IMG_RIGHT_UPPER", kOwnScheme,
     "Probability of a finding: upper zone, right side of the image"},
    {"IMG_RIGHT_MIDDLE", kOwnScheme,
     "Probability of a finding: middle zone, right side of the image"},
    {"IMG_RIGHT_LOWER", kOwnScheme,
     "Probability of a finding: lower zone, right side of the image"},
};

}  // namespace

const CodedConcept& CodeOf(Zone zone) {
  return kZoneCodes[static_cast<int>(zone)];
}

const TargetCodes& CodesOf(DicomTarget target) {
  return target == DicomTarget::kPolyp ? kPolyp : kLungOpacity;
}

}  // namespace lingula
