#include "model/dicom/transfer_syntax.h"

#include <algorithm>
#include <iterator>

namespace lingula {
namespace {

constexpr ElementCoding kImplicit = {false, false};
constexpr ElementCoding kBigEndian = {true, true};

constexpr TransferSyntax kSyntaxes[] = {
    {"1.2.840.10008.1.2", PixelCodec::kNative, false, kImplicit},
    {"1.2.840.10008.1.2.1"},
    {"1.2.840.10008.1.2.1.99", PixelCodec::kNative, false, {}, true},
    {"1.2.840.10008.1.2.2", PixelCodec::kNative, false, kBigEndian},
    {"1.2.840.10008.1.2.4.50", PixelCodec::kJpeg, true},   // baseline
    {"1.2.840.10008.1.2.4.51", PixelCodec::kJpeg, true},   // extended, 12 bit
    {"1.2.840.10008.1.2.4.53", PixelCodec::kJpeg, true},   // spectral selection, retired
    {"1.2.840.10008.1.2.4.55", PixelCodec::kJpeg, true},   // progressive, retired
    {"1.2.840.10008.1.2.4.57", PixelCodec::kJpeg, false},  // lossless, process 14
    {"1.2.840.10008.1.2.4.70", PixelCodec::kJpeg, false},  // the same, selection value 1
    {"1.2.840.10008.1.2.4.80", PixelCodec::kJpegLs, false},
    {"1.2.840.10008.1.2.4.81", PixelCodec::kJpegLs, true},
    {"1.2.840.10008.1.2.4.90", PixelCodec::kJpeg2000, false},
    {"1.2.840.10008.1.2.4.91", PixelCodec::kJpeg2000, true},
    {"1.2.840.10008.1.2.5", PixelCodec::kRle, false},
};

}  // namespace

const TransferSyntax* FindTransferSyntax(absl::string_view uid) {
  const auto* const found =
      std::find_if(std::begin(kSyntaxes), std::end(kSyntaxes),
                   [&](const TransferSyntax& syntax) { return uid == syntax.uid; });
  return found == std::end(kSyntaxes) ? nullptr : found;
}

}  // namespace lingula
