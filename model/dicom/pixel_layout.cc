#include "model/dicom/pixel_layout.h"

#include <optional>
#include <string>

#include <dcmtk/dcmdata/dcdeftag.h>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/dicom/attributes.h"

namespace lingula {
namespace {

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("image: the DICOM file contradicts itself: ", what));
}

struct Named {
  absl::string_view name;
  Photometric photometric;
  int samples;
};
constexpr Named kPhotometrics[] = {
    {"MONOCHROME1", Photometric::kMonochrome1, 1},
    {"MONOCHROME2", Photometric::kMonochrome2, 1},
    {"PALETTE COLOR", Photometric::kPalette, 1},
    {"RGB", Photometric::kRgb, 3},
    {"YBR_ICT", Photometric::kRgb, 3},
    {"YBR_RCT", Photometric::kRgb, 3},
    {"YBR_FULL", Photometric::kYbrFull, 3},
    {"YBR_FULL_422", Photometric::kYbrFull422, 3},
    {"YBR_PARTIAL_422", Photometric::kYbrPartial422, 3},
};

absl::Status TakePhotometric(DcmItem& attributes, PixelLayout& layout) {
  const std::string name = CodeAt(attributes, DCM_PhotometricInterpretation);
  for (const Named& known : kPhotometrics) {
    if (known.name == name) {
      layout.photometric = known.photometric;
      return layout.samples == known.samples
                 ? absl::OkStatus()
                 : Wrong(absl::StrCat("Samples per Pixel is ", layout.samples,
                                      " but Photometric Interpretation is ", known.name));
    }
  }
  for (const char* known : {"ARGB", "CMYK", "HSV", "YBR_PARTIAL_420", "XYB"}) {
    if (name == known) {
      return absl::UnimplementedError(absl::StrCat("image: DICOM Photometric Interpretation ", name,
                                                   " is not read here; send RGB or YBR_FULL"));
    }
  }
  return Wrong("Photometric Interpretation is missing or unknown");
}

absl::Status TakeSize(DcmItem& attributes, const PixelLimits& limits, PixelLayout& layout) {
  const std::optional<int64_t> rows = IntAt(attributes, DCM_Rows);
  const std::optional<int64_t> columns = IntAt(attributes, DCM_Columns);
  if (rows.value_or(0) < 1 || columns.value_or(0) < 1 || *rows > 65535 || *columns > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("image: the DICOM file has ", rows.value_or(0),
                                                   " Rows and ", columns.value_or(0),
                                                   " Columns; both must be 1 to 65535"));
  }
  if (*rows * *columns > limits.max_pixels) {
    return absl::OutOfRangeError(absl::StrCat("image: ", *columns, " x ", *rows,
                                              " pixels are more than the ", limits.max_pixels,
                                              " allowed"));
  }
  layout.rows = static_cast<int>(*rows);
  layout.columns = static_cast<int>(*columns);
  const int64_t frames = IntAt(attributes, DCM_NumberOfFrames).value_or(1);
  if (frames < 0 || frames > INT32_MAX) {
    return Wrong(absl::StrCat("Number of Frames is ", frames));
  }
  layout.frames = frames == 0 ? 1 : static_cast<int>(frames);
  return absl::OkStatus();
}

absl::Status TakeDepth(DcmItem& attributes, PixelLayout& layout) {
  const int64_t allocated = IntAt(attributes, DCM_BitsAllocated).value_or(0);
  const int64_t stored = IntAt(attributes, DCM_BitsStored).value_or(allocated);
  const int64_t high = IntAt(attributes, DCM_HighBit).value_or(stored - 1);
  if (allocated < 1 || allocated > 64 || stored < 1 || stored > allocated || high < stored - 1 ||
      high >= allocated) {
    return Wrong(
        absl::StrCat("Bits Allocated ", allocated, ", Bits Stored ", stored, ", High Bit ", high));
  }
  if (allocated != 8 && allocated != 16 && (allocated != 32 || layout.samples == 1)) {
    return absl::UnimplementedError(absl::StrCat(
        "image: DICOM pixels with ", allocated, " Bits Allocated are not read here; 8 and 16 are"));
  }
  layout.bits_allocated = static_cast<int>(allocated);
  layout.bits_stored = static_cast<int>(stored);
  layout.high_bit = static_cast<int>(high);
  layout.is_signed = IntAt(attributes, DCM_PixelRepresentation).value_or(0) == 1;
  return absl::OkStatus();
}

}  // namespace

int64_t PixelLayout::frame_bytes() const {
  const bool shared =  // two pixels share their colour differences
      photometric == Photometric::kYbrFull422 || photometric == Photometric::kYbrPartial422;
  return pixels() * (shared ? 2 : samples) * (bits_allocated / 8);
}

absl::StatusOr<PixelLayout> ReadPixelLayout(DcmItem& attributes, const PixelLimits& limits) {
  PixelLayout layout;
  LINGULA_RETURN_IF_ERROR(TakeSize(attributes, limits, layout));
  const int64_t samples = IntAt(attributes, DCM_SamplesPerPixel).value_or(1);
  if (samples != 1 && samples != 3) {
    return Wrong(absl::StrCat("Samples per Pixel is ", samples, "; it must be 1 or 3"));
  }
  layout.samples = static_cast<int>(samples);
  LINGULA_RETURN_IF_ERROR(TakePhotometric(attributes, layout));
  LINGULA_RETURN_IF_ERROR(TakeDepth(attributes, layout));
  layout.planar = samples == 3 && IntAt(attributes, DCM_PlanarConfiguration).value_or(0) == 1;
  return layout;
}

}  // namespace lingula
