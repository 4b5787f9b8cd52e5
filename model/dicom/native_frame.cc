#include <cstring>

#include <opencv2/core.hpp>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/dicom/frame_codecs.h"

namespace lingula {
namespace {

uint8_t Byte(absl::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

// Sample `at` of 1, 2 or 4 bytes; of 4 the upper 16 bits that are stored.
template <int kBytes>
uint16_t SampleAt(const char* from, bool big_endian, int shift) {
  if constexpr (kBytes == 1) {
    return static_cast<uint8_t>(*from);
  } else if constexpr (kBytes == 2) {
    return ReadUint16(absl::string_view(from, 2), big_endian);
  } else {
    return static_cast<uint16_t>(ReadUint32(absl::string_view(from, 4), big_endian) >> shift);
  }
}

template <int kBytes, typename T>
void Fill(absl::string_view bytes, const PixelLayout& layout, bool big_endian, cv::Mat& samples) {
  const int shift = layout.bits_stored > 16 ? layout.bits_stored - 16 : 0;
  const int64_t pixels = layout.pixels();
  T* out = samples.ptr<T>();
  if (!layout.planar) {
    for (int64_t i = 0; i < pixels * layout.samples; ++i) {
      out[i] = static_cast<T>(SampleAt<kBytes>(bytes.data() + i * kBytes, big_endian, shift));
    }
    return;
  }
  for (int c = 0; c < layout.samples; ++c) {
    const char* plane = bytes.data() + c * pixels * kBytes;
    for (int64_t i = 0; i < pixels; ++i) {
      out[i * layout.samples + c] =
          static_cast<T>(SampleAt<kBytes>(plane + i * kBytes, big_endian, shift));
    }
  }
}

// Two pixels in four bytes, PS3.3 C.7.6.3.1.2: Y1 Y2 Cb Cr.
void FillShared(absl::string_view bytes, cv::Mat& samples) {
  auto* out = samples.ptr<uint8_t>();
  const size_t pixels = samples.total();
  for (size_t i = 0; i < pixels; ++i) {
    const size_t pair = i / 2 * 4;
    out[3 * i] = Byte(bytes, pair + i % 2);
    out[3 * i + 1] = Byte(bytes, pair + 2);
    out[3 * i + 2] = Byte(bytes, pair + 3);
  }
}

bool IsShared(Photometric photometric) {
  return photometric == Photometric::kYbrFull422 || photometric == Photometric::kYbrPartial422;
}

}  // namespace

absl::StatusOr<StoredFrame> TakeNative(absl::string_view bytes, const PixelLayout& layout,
                                       ElementCoding coding, bool in_words) {
  std::string swapped;
  if (coding.big_endian && in_words && layout.bits_allocated == 8) {
    swapped.assign(bytes.data(), bytes.size());
    for (size_t i = 0; i + 1 < swapped.size(); i += 2) {
      std::swap(swapped[i], swapped[i + 1]);
    }
    bytes = swapped;
  }
  if (IsShared(layout.photometric) && (layout.bits_allocated != 8 || layout.pixels() % 2 != 0)) {
    return absl::InvalidArgumentError(
        "image: the DICOM file contradicts itself: pixels that share colours in pairs need 8 Bits "
        "Allocated and an even number");
  }
  StoredFrame frame;
  frame.photometric = layout.photometric;
  frame.bits_stored = std::min(layout.bits_stored, 16);
  frame.high_bit = layout.bits_allocated == 32 ? frame.bits_stored - 1 : layout.high_bit;
  const bool narrow = layout.bits_allocated == 8;
  frame.samples.create(layout.rows, layout.columns,
                       CV_MAKETYPE(narrow ? CV_8U : CV_16U, layout.samples));
  if (IsShared(layout.photometric)) {
    FillShared(bytes, frame.samples);
  } else if (narrow) {
    Fill<1, uint8_t>(bytes, layout, false, frame.samples);
  } else if (layout.bits_allocated == 16) {
    Fill<2, uint16_t>(bytes, layout, coding.big_endian, frame.samples);
  } else {
    Fill<4, uint16_t>(bytes, layout, coding.big_endian, frame.samples);
  }
  return frame;
}

absl::Status CheckCodecSize(const PixelLayout& layout, int64_t width, int64_t height,
                            int64_t components) {
  if (width == layout.columns && height == layout.rows && components == layout.samples) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("image: the DICOM file contradicts itself: its attributes say ", layout.columns,
                   " x ", layout.rows, " pixels of ", layout.samples,
                   " samples, its compressed pixels ", width, " x ", height, " of ", components));
}

absl::StatusOr<StoredFrame> DecodeFrame(absl::string_view bytes, const PixelLayout& layout,
                                        const DicomFile& file) {
  switch (file.syntax->codec) {
    case PixelCodec::kNative:
      return TakeNative(bytes, layout, file.coding, file.pixels_in_words);
    case PixelCodec::kRle:
      return DecodeRle(bytes, layout);
    case PixelCodec::kJpeg:
    case PixelCodec::kJpegLs:
      return DecodeJpegFamily(bytes, layout, *file.syntax);
    case PixelCodec::kJpeg2000:
      return DecodeJpeg2000(bytes, layout);
  }
  return absl::InternalError("a transfer syntax without a codec");
}

}  // namespace lingula
