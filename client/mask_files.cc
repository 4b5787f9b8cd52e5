#include "client/mask_files.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "client/answer_text.h"
#include "model/base/log.h"

namespace lingula::cli {
namespace {

// NumPy's file format, version 1.0: magic, length of the header, header filled up with spaces so
// that the data begins at a multiple of 64, data in row order.
std::string Npy(absl::string_view type, uint32_t rows, uint32_t columns, absl::string_view data) {
  constexpr size_t kPreamble = 10, kAlignment = 64;
  std::string header = absl::StrFormat(
      "{'descr': '%s', 'fortran_order': False, 'shape': (%d, %d), }", type, rows, columns);
  const size_t unpadded = kPreamble + header.size() + 1;
  header.append((kAlignment - unpadded % kAlignment) % kAlignment, ' ');
  header += '\n';
  const char length[] = {static_cast<char>(header.size() & 0xff),
                         static_cast<char>(header.size() >> 8)};
  return absl::StrCat(absl::string_view("\x93NUMPY\x01\x00", 8), absl::string_view(length, 2),
                      header, data);
}

std::string CocoJson(const v1::CocoRle& rle) {
  return absl::StrCat("{\"size\":[", rle.height(), ",", rle.width(),
                      "],\"counts\":", log::Value(rle.counts()).json(), "}\n");
}

}  // namespace

const std::map<std::string, v1::MaskFormat>& MaskFormNames() {
  static const auto& names = *new std::map<std::string, v1::MaskFormat>{
      {"png", v1::MASK_FORMAT_PNG},
      {"rle", v1::MASK_FORMAT_COCO_RLE},
      {"polygons", v1::MASK_FORMAT_POLYGONS},
      {"packed-bits", v1::MASK_FORMAT_PACKED_BITS},
      {"probabilities", v1::MASK_FORMAT_PROBABILITIES_UINT8},
      {"probabilities-float32", v1::MASK_FORMAT_PROBABILITIES_FLOAT32},
      {"dicom-seg", v1::MASK_FORMAT_DICOM_SEG},
      {"dicom-seg-fractional", v1::MASK_FORMAT_DICOM_SEG_FRACTIONAL}};
  return names;
}

bool StandsInJson(v1::MaskFormat format) {
  return format == v1::MASK_FORMAT_COCO_RLE || format == v1::MASK_FORMAT_POLYGONS;
}

MaskFile FileOf(const v1::Mask& mask) {
  switch (mask.content_case()) {
    case v1::Mask::kPng:
      return {".mask.png", mask.png()};
    case v1::Mask::kOverlayPng:
      return {".overlay.png", mask.overlay_png()};
    case v1::Mask::kCocoRle:
      return {".rle.json", CocoJson(mask.coco_rle())};
    case v1::Mask::kPolygons:
      return {".polygons.json", ToJson(mask.polygons()) + "\n"};
    case v1::Mask::kPackedBits:
      return {".bits.npy", Npy("|u1", mask.height(), (mask.width() + 7) / 8, mask.packed_bits())};
    case v1::Mask::kProbabilitiesUint8:
      return {".probabilities.npy",
              Npy("|u1", mask.height(), mask.width(), mask.probabilities_uint8())};
    case v1::Mask::kProbabilitiesFloat32:
      return {".probabilities-float32.npy",
              Npy("<f4", mask.height(), mask.width(), mask.probabilities_float32())};
    case v1::Mask::kDicomSeg:
      return {mask.format() == v1::MASK_FORMAT_DICOM_SEG ? ".seg.dcm" : ".fractional.seg.dcm",
              mask.dicom_seg()};
    case v1::Mask::CONTENT_NOT_SET:
      break;
  }
  return {};
}

}  // namespace lingula::cli
