// The bytes of one frame, compressed or not: PS3.5 A.4 (fragments, offset tables).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/dicom/dicom_file.h"
#include "model/dicom/pixel_layout.h"

namespace lingula {

// Bytes that lie in the file, or were put together.
struct FrameBytes {
  absl::string_view bytes;  // into the file, or into `own`
  std::string own;
};

// Frame `frame`, from 1. A frame without compression has layout.frame_bytes() bytes, and in words
// an even number.
// Errors   OUT_OF_RANGE no such frame; INVALID_ARGUMENT cut off, or fragments that do not add up.
absl::Status FindFrame(DicomFile& file, const PixelLayout& layout, int frame, FrameBytes& found);

}  // namespace lingula
