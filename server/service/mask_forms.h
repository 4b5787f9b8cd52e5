// The forms in which a mask travels.
#pragma once

#include <string>
#include <vector>

#include <opencv2/core/mat.hpp>

#include "absl/status/statusor.h"
#include "lingula/v1/mask.pb.h"
#include "model/dicom/dicom_results.h"
#include "model/dicom/dicom_source.h"
#include "model/image/polygons.h"

namespace lingula {

enum class MaskForm {
  kPng,
  kCocoRle,
  kOverlayPng,
  kPackedBits,
  kPolygons,
  kProbabilitiesUint8,
  kProbabilitiesFloat32,
  kDicomSeg,
  kDicomSegFractional,
  kLabels,  // a byte a pixel, 0 or 1; no MaskFormat stands for it
};

// `format` is valid and not unspecified.
MaskForm FormFrom(v1::MaskFormat format);

// True for forms that are made from probabilities.
bool NeedsProbabilities(MaskForm form);
// True for the forms that refer to a DICOM file.
inline bool IsDicom(MaskForm form) {
  return form == MaskForm::kDicomSeg || form == MaskForm::kDicomSegFractional;
}

struct EncodedMask {
  MaskForm form = MaskForm::kPng;
  std::string content;                // PNG or DICOM file, compressed counts or plain bytes
  std::vector<MaskPolygon> polygons;  // kPolygons only
};

// An answer laid over the picture: both of its size.
struct JudgedMask {
  cv::Mat mask;           // CV_8UC1, 0 or 255
  cv::Mat probabilities;  // CV_32FC1; empty unless a form needs it
};

// What a mask is laid over or written about.
struct MaskSubject {
  cv::Mat picture;                      // read for the overlay only
  const DicomSource* source = nullptr;  // there for DICOM forms, which read all below, too
  DicomTarget target = DicomTarget::kLungOpacity;
  DicomAlgorithm algorithm;
};

// The mask in one form.
// Errors   INTERNAL when a file cannot be written; those of WriteDicomSeg.
absl::StatusOr<EncodedMask> EncodeMask(MaskForm form, const JudgedMask& judged,
                                       const MaskSubject& subject);

// Moves the content out of `from`, which is `width` by `height` pixels. Not for kLabels.
void MoveMask(EncodedMask& from, int width, int height, v1::Mask& mask);

}  // namespace lingula
