#include "server/service/mask_forms.h"

#include <utility>

#include "model/base/status_macros.h"
#include "model/image/mask.h"
#include "model/image/mask_bytes.h"

namespace lingula {
namespace {

void MovePolygons(std::vector<MaskPolygon>& from, v1::Polygons& polygons) {
  for (MaskPolygon& polygon : from) {
    v1::Polygon& added = *polygons.add_polygons();
    added.mutable_xy()->Add(polygon.xy.begin(), polygon.xy.end());
    added.set_hole(polygon.hole);
  }
}

void MoveCounts(std::string& counts, int width, int height, v1::CocoRle& rle) {
  rle.set_width(width);
  rle.set_height(height);
  rle.set_counts(std::move(counts));
}

absl::StatusOr<std::string> EncodeSeg(SegKind kind, const cv::Mat& mask,
                                      const MaskSubject& subject) {
  if (subject.source == nullptr) {
    return absl::InternalError("a DICOM form was asked for without a DICOM file");
  }
  return WriteDicomSeg(*subject.source, kind, mask, subject.target, subject.algorithm);
}

}  // namespace

MaskForm FormFrom(v1::MaskFormat format) {
  switch (format) {
    case v1::MASK_FORMAT_COCO_RLE:
      return MaskForm::kCocoRle;
    case v1::MASK_FORMAT_OVERLAY_PNG:
      return MaskForm::kOverlayPng;
    case v1::MASK_FORMAT_PACKED_BITS:
      return MaskForm::kPackedBits;
    case v1::MASK_FORMAT_POLYGONS:
      return MaskForm::kPolygons;
    case v1::MASK_FORMAT_PROBABILITIES_UINT8:
      return MaskForm::kProbabilitiesUint8;
    case v1::MASK_FORMAT_PROBABILITIES_FLOAT32:
      return MaskForm::kProbabilitiesFloat32;
    case v1::MASK_FORMAT_DICOM_SEG:
      return MaskForm::kDicomSeg;
    case v1::MASK_FORMAT_DICOM_SEG_FRACTIONAL:
      return MaskForm::kDicomSegFractional;
    default:
      return MaskForm::kPng;
  }
}

bool NeedsProbabilities(MaskForm form) {
  return form == MaskForm::kProbabilitiesUint8 || form == MaskForm::kProbabilitiesFloat32 ||
         form == MaskForm::kDicomSegFractional;
}

absl::StatusOr<EncodedMask> EncodeMask(MaskForm form, const JudgedMask& judged,
                                       const MaskSubject& subject) {
  EncodedMask encoded;
  encoded.form = form;
  switch (form) {
    case MaskForm::kPng: {
      LINGULA_ASSIGN_OR_RETURN(encoded.content, EncodeMaskPng(judged.mask));
      break;
    }
    case MaskForm::kCocoRle:
      encoded.content = EncodeCocoRle(judged.mask);
      break;
    case MaskForm::kOverlayPng: {
      LINGULA_ASSIGN_OR_RETURN(encoded.content, EncodeOverlayPng(subject.picture, judged.mask));
      break;
    }
    case MaskForm::kPackedBits:
      encoded.content = PackBits(judged.mask);
      break;
    case MaskForm::kPolygons:
      encoded.polygons = TracePolygons(judged.mask);
      break;
    case MaskForm::kProbabilitiesUint8:
      encoded.content = ProbabilityBytes(judged.probabilities);
      break;
    case MaskForm::kProbabilitiesFloat32:
      encoded.content = ProbabilityFloats(judged.probabilities);
      break;
    case MaskForm::kDicomSeg: {
      LINGULA_ASSIGN_OR_RETURN(encoded.content, EncodeSeg(SegKind::kBinary, judged.mask, subject));
      break;
    }
    case MaskForm::kDicomSegFractional: {
      LINGULA_ASSIGN_OR_RETURN(encoded.content,
                               EncodeSeg(SegKind::kFractional, judged.probabilities, subject));
      break;
    }
    case MaskForm::kLabels:
      encoded.content = LabelBytes(judged.mask);
      break;
  }
  return encoded;
}

void MoveMask(EncodedMask& from, int width, int height, v1::Mask& mask) {
  mask.set_width(width);
  mask.set_height(height);
  switch (from.form) {
    case MaskForm::kPng:
      mask.set_format(v1::MASK_FORMAT_PNG);
      mask.set_png(std::move(from.content));
      break;
    case MaskForm::kCocoRle:
      mask.set_format(v1::MASK_FORMAT_COCO_RLE);
      MoveCounts(from.content, width, height, *mask.mutable_coco_rle());
      break;
    case MaskForm::kOverlayPng:
      mask.set_format(v1::MASK_FORMAT_OVERLAY_PNG);
      mask.set_overlay_png(std::move(from.content));
      break;
    case MaskForm::kPackedBits:
      mask.set_format(v1::MASK_FORMAT_PACKED_BITS);
      mask.set_packed_bits(std::move(from.content));
      break;
    case MaskForm::kPolygons:
      mask.set_format(v1::MASK_FORMAT_POLYGONS);
      MovePolygons(from.polygons, *mask.mutable_polygons());
      break;
    case MaskForm::kProbabilitiesUint8:
      mask.set_format(v1::MASK_FORMAT_PROBABILITIES_UINT8);
      mask.set_probabilities_uint8(std::move(from.content));
      break;
    case MaskForm::kProbabilitiesFloat32:
      mask.set_format(v1::MASK_FORMAT_PROBABILITIES_FLOAT32);
      mask.set_probabilities_float32(std::move(from.content));
      break;
    case MaskForm::kDicomSeg:
      mask.set_format(v1::MASK_FORMAT_DICOM_SEG);
      mask.set_dicom_seg(std::move(from.content));
      break;
    case MaskForm::kDicomSegFractional:
      mask.set_format(v1::MASK_FORMAT_DICOM_SEG_FRACTIONAL);
      mask.set_dicom_seg(std::move(from.content));
      break;
    case MaskForm::kLabels:
      break;  // no MaskFormat asks for it
  }
}

}  // namespace lingula
