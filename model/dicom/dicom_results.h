// Masks and measurements as DICOM objects: Segmentation (PS3.3 A.51) and Measurement Report (PS3.16
// TID 1500). Thread-safe. The same arguments give the same bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <opencv2/core/mat.hpp>

#include "absl/status/statusor.h"
#include "model/base/sides.h"
#include "model/base/zones.h"
#include "model/dicom/dicom_source.h"

namespace lingula {

// Which network made a result, and how.
struct DicomAlgorithm {
  std::string name;        // of the model: "cxr-sgseg-compact"
  std::string version;     // "1"
  std::string family;      // "sgseg"
  std::string digest;      // SHA-256 of the weights, hexadecimal
  std::string parameters;  // "threshold=0.5 guidance=generated_report", whatever changes the mask
};

// What a mask is of; chooses the coded category, type and region.
enum class DicomTarget { kLungOpacity, kPolyp };

enum class SegKind { kBinary, kFractional };

// A Segmentation with one segment that refers to the frame `source` was read from.
// `mask`: CV_8UC1 0 or 255 for kBinary, CV_32FC1 probabilities in [0, 1] for kFractional, of the
// source's rows and columns.
// Errors   INVALID_ARGUMENT another size or type, or a source without valid UIDs; INTERNAL it
//          cannot be written.
absl::StatusOr<std::string> WriteDicomSeg(const DicomSource& source, SegKind kind,
                                          const cv::Mat& mask, DicomTarget target,
                                          const DicomAlgorithm& algorithm);

// A lung zone where something is reported.
struct DicomZone {
  Zone zone = Zone::kImageLeftUpper;
  PatientSide side = PatientSide::kUnknown;  // whose zone it is, where established
  double probability = 0;
};

// What is reported besides the mask.
struct DicomMeasurements {
  double area_share = 0;                // of the picture, in [0, 1]
  std::optional<double> expected_dice;  // none: an empty mask
  std::optional<double> dice_low, dice_high, coverage;
  std::vector<DicomZone> zones;
  std::string sentence;            // LocationText: says whose side is meant
  std::vector<std::string> flags;  // "LOW_CONFIDENCE"
};

// A Measurement Report, UNVERIFIED and PARTIAL, that refers to the picture and to the binary
// Segmentation of the same arguments, whose UIDs it derives in the same way. An empty `mask` (no
// rows): there is no Segmentation to go with it, and the report refers to the picture only.
// Errors   as of WriteDicomSeg; INVALID_ARGUMENT words beyond ASCII beside a character set of the
//          source that cannot be changed to UTF-8.
absl::StatusOr<std::string> WriteDicomReport(const DicomSource& source, const cv::Mat& mask,
                                             DicomTarget target, const DicomAlgorithm& algorithm,
                                             const DicomMeasurements& measurements);

}  // namespace lingula
