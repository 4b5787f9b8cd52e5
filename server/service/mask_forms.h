// The forms in which a mask travels.
#pragma once

#include <string>
#include <vector>

#include <opencv2/core/mat.hpp>

#include "absl/status/statusor.h"
#include "lingula/v1/mask.pb.h"
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
  kLabels,  // a byte a pixel, 0 or 1; no MaskFormat stands for it
};

// `format` is valid and not unspecified.
MaskForm FormFrom(v1::MaskFormat format);

// True for forms that are made from probabilities.
bool NeedsProbabilities(MaskForm form);

struct EncodedMask {
  MaskForm form = MaskForm::kPng;
  std::string content;                // PNG file, compressed counts or plain bytes
  std::vector<MaskPolygon> polygons;  // kPolygons only
};

// An answer laid over the picture: both of its size.
struct JudgedMask {
  cv::Mat mask;           // CV_8UC1, 0 or 255
  cv::Mat probabilities;  // CV_32FC1; empty unless a form needs it
};

// The mask in one form. `picture` is read for the overlay only.
// Errors   INTERNAL when a PNG cannot be written.
absl::StatusOr<EncodedMask> EncodeMask(MaskForm form, const JudgedMask& judged,
                                       const cv::Mat& picture);

// Moves the content out of `from`, which is `width` by `height` pixels. Not for kLabels.
void MoveMask(EncodedMask& from, int width, int height, v1::Mask& mask);

}  // namespace lingula
