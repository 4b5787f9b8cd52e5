// What a file says of its pixels before they are decoded: PS3.3 C.7.6.3, C.7.6.6.
#pragma once

#include <cstdint>

#include <dcmtk/dcmdata/dcitem.h>

#include "absl/status/statusor.h"
#include "model/image/pixels.h"

namespace lingula {

enum class Photometric {
  kMonochrome1,  // low values are white
  kMonochrome2,
  kPalette,
  kRgb,  // also YBR_ICT and YBR_RCT, which JPEG 2000 turns back itself
  kYbrFull,
  kYbrFull422,
  kYbrPartial422,
};

struct PixelLayout {
  int rows = 0, columns = 0;
  int samples = 1;         // of a pixel: 1 or 3
  int bits_allocated = 8;  // of a sample: 8, 16 or, of colour, 32
  int bits_stored = 8;     // 1 to bits_allocated
  int high_bit = 7;        // where they end
  bool is_signed = false;
  bool planar = false;  // one plane a sample, not one sample after the other
  Photometric photometric = Photometric::kMonochrome2;
  int frames = 1;

  bool grey() const {
    return photometric == Photometric::kMonochrome1 || photometric == Photometric::kMonochrome2;
  }
  int64_t pixels() const { return int64_t{rows} * columns; }
  // A frame without compression, PS3.5 8.
  int64_t frame_bytes() const;
};

// Reads and checks it.
// Errors   INVALID_ARGUMENT missing, out of range or contradictory, with the attribute's name;
//          OUT_OF_RANGE more pixels than `limits` allow; UNIMPLEMENTED colours or depths that are
//          not read here.
absl::StatusOr<PixelLayout> ReadPixelLayout(DcmItem& attributes, const PixelLimits& limits);

}  // namespace lingula
