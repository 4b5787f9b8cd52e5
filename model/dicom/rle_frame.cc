// Own code, not DCMTK's: that fills up with zeros what a damaged file leaves out.
#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/dicom/frame_codecs.h"

namespace lingula {
namespace {

constexpr size_t kHeaderBytes = 64;
constexpr uint32_t kMaxSegments = 15;

// One segment: a literal run of n + 1 bytes (n < 128), or one byte 257 - n times (n > 128).
bool Expand(absl::string_view from, char* out, size_t bytes) {
  size_t at = 0;
  size_t filled = 0;
  while (filled < bytes && at < from.size()) {
    const auto n = static_cast<uint8_t>(from[at++]);
    if (n == 128) {
      continue;
    }
    const size_t run = std::min<size_t>(n < 128 ? n + 1 : 257 - n, bytes - filled);
    if (n < 128) {
      if (from.size() - at < run) {
        return false;
      }
      std::copy_n(from.data() + at, run, out + filled);
      at += run;
    } else {
      if (at == from.size()) {
        return false;
      }
      std::fill_n(out + filled, run, from[at++]);
    }
    filled += run;
  }
  return filled == bytes;
}

absl::Status Damaged() {
  return absl::InvalidArgumentError("image: the DICOM file's RLE pixels are damaged or cut off");
}

}  // namespace

absl::StatusOr<StoredFrame> DecodeRle(absl::string_view bytes, const PixelLayout& layout) {
  const uint32_t wanted = layout.samples * (layout.bits_allocated / 8);
  const uint32_t segments = bytes.size() < kHeaderBytes ? 0 : ReadUint32(bytes, false);
  if (segments != wanted || segments > kMaxSegments) {
    return Damaged();
  }
  // Planes of bytes, the highest of a sample first: big-endian samples in pieces.
  const auto pixels = static_cast<size_t>(layout.pixels());
  std::string plane(pixels, '\0');
  std::string samples(pixels * wanted, '\0');
  for (uint32_t i = 0; i < segments; ++i) {
    const size_t begin = ReadUint32(bytes.substr(4 + 4 * i), false);
    const size_t end = i + 1 < segments ? ReadUint32(bytes.substr(8 + 4 * i), false) : bytes.size();
    if (begin < kHeaderBytes || end > bytes.size() || begin > end ||
        !Expand(bytes.substr(begin, end - begin), plane.data(), pixels)) {
      return Damaged();
    }
    for (size_t p = 0; p < pixels; ++p) {
      samples[p * wanted + i] = plane[p];
    }
  }
  PixelLayout interleaved = layout;
  interleaved.planar = false;
  if (interleaved.photometric == Photometric::kYbrFull422) {
    interleaved.photometric = Photometric::kYbrFull;  // runs are of whole planes
  }
  return TakeNative(samples, interleaved, {true, true}, false);
}

}  // namespace lingula
