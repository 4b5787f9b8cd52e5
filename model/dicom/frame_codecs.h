// The bytes of one frame to samples: PS3.5 chapter 8, annexes A and G. Thread-safe.
#pragma once

#include <opencv2/core/mat.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/dicom/dicom_file.h"
#include "model/dicom/pixel_layout.h"

namespace lingula {

// Samples as the file stores them: of a signed picture the bits, not yet the numbers.
struct StoredFrame {
  cv::Mat samples;  // CV_8UC1, CV_16UC1, CV_8UC3 or CV_16UC3, colours in the file's order
  int bits_stored = 8, high_bit = 7;
  Photometric photometric = Photometric::kMonochrome2;  // what the codec left to be done
};

// A frame without compression of the file's `coding`. `in_words`: as DicomFile::pixels_in_words.
absl::StatusOr<StoredFrame> TakeNative(absl::string_view bytes, const PixelLayout& layout,
                                       ElementCoding coding, bool in_words);

// Run lengths, PS3.5 annex G.
absl::StatusOr<StoredFrame> DecodeRle(absl::string_view bytes, const PixelLayout& layout);

// JPEG and JPEG-LS of the transfer syntax, by DCMTK.
absl::StatusOr<StoredFrame> DecodeJpegFamily(absl::string_view bytes, const PixelLayout& layout,
                                             const TransferSyntax& syntax);

// JPEG 2000, by OpenJPEG.
absl::StatusOr<StoredFrame> DecodeJpeg2000(absl::string_view bytes, const PixelLayout& layout);

// All of these: INVALID_ARGUMENT damaged, cut off, or of another size than `layout` says, before
// memory is asked for.

// Whatever `syntax` says.
absl::StatusOr<StoredFrame> DecodeFrame(absl::string_view bytes, const PixelLayout& layout,
                                        const DicomFile& file);

// INVALID_ARGUMENT unless what the compressed data says of itself is what `layout` says.
absl::Status CheckCodecSize(const PixelLayout& layout, int64_t width, int64_t height,
                            int64_t components);

}  // namespace lingula
