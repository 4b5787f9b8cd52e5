// Coded concepts of results. SCT: SNOMED CT, DCM: PS3.16 annex D, UCUM: units, 99LINGULA: ours
// (docs/dicom.md).
#pragma once

#include "model/dicom/dicom_results.h"

namespace lingula {

struct CodedConcept {
  const char* value;
  const char* scheme;
  const char* meaning;
};

// What a mask is of.
struct TargetCodes {
  CodedConcept category;   // CID 7150
  CodedConcept type;       // CID 7151
  CodedConcept region;     // CID 4
  CodedConcept procedure;  // CID 100
  const char* label;       // CS: at most 16 capitals
};

const TargetCodes& CodesOf(DicomTarget target);

// Coding scheme of what no standard has a code for.
constexpr char kOwnScheme[] = "99LINGULA";

constexpr CodedConcept kArtificialIntelligence = {"123110", "DCM", "Artificial Intelligence"};
constexpr CodedConcept kSegmentation = {"113076", "DCM", "Segmentation"};
constexpr CodedConcept kSourceImage = {"121322", "DCM",
                                       "Source image for image processing operation"};
constexpr CodedConcept kAcquisition = {"109101", "DCM", "Acquisition Equipment"};
constexpr CodedConcept kProcessing = {"109102", "DCM", "Processing Equipment"};

// Probability of a finding in a zone; named by the side of the image, as zones are.
const CodedConcept& CodeOf(Zone zone);

}  // namespace lingula
