#include "model/dicom/colour_levels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <dcmtk/dcmdata/dcdeftag.h>
#include <opencv2/core.hpp>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/dicom/attributes.h"

namespace lingula {
namespace {

using Pixel = std::array<double, 3>;

// ITU-R BT.601 over the whole range; `half` stands for no colour.
Pixel RgbOfFull(const Pixel& ycc, double half) {
  const double cb = ycc[1] - half;
  const double cr = ycc[2] - half;
  return {ycc[0] + 1.402 * cr, ycc[0] - 0.344136 * cb - 0.714136 * cr, ycc[0] + 1.772 * cb};
}

// The same with black at 16 and white at 235 of 255.
Pixel RgbOfPartial(const Pixel& ycc, double white) {
  const double scale = white / 255;
  return RgbOfFull({(ycc[0] - 16 * scale) * 255 / 219, (ycc[1] - 128 * scale) * 255 / 224,
                    (ycc[2] - 128 * scale) * 255 / 224},
                   0);
}

Pixel ToRgb(const Pixel& samples, Photometric photometric, double white) {
  switch (photometric) {
    case Photometric::kYbrFull:
    case Photometric::kYbrFull422:
      return RgbOfFull(samples, std::floor((white + 1) / 2));
    case Photometric::kYbrPartial422:
      return RgbOfPartial(samples, white);
    default:
      return samples;
  }
}

// The commonest case, 8 bits over the whole range, in whole numbers (16 bits behind the point).
cv::Mat ConvertFull8(const cv::Mat& samples) {
  const auto clamped = [](int value) {
    return static_cast<uint8_t>(std::clamp((value + (1 << 15)) >> 16, 0, 255));
  };
  cv::Mat out(samples.size(), CV_8UC3);
  for (int y = 0; y < out.rows; ++y) {
    const auto* from = samples.ptr<uint8_t>(y);
    auto* to = out.ptr<uint8_t>(y);
    for (int x = 0; x < 3 * out.cols; x += 3) {
      const int brightness = from[x] << 16;
      const int cb = from[x + 1] - 128;
      const int cr = from[x + 2] - 128;
      to[x] = clamped(brightness + 116130 * cb);
      to[x + 1] = clamped(brightness - 22553 * cb - 46802 * cr);
      to[x + 2] = clamped(brightness + 91881 * cr);
    }
  }
  return out;
}

template <typename T>
cv::Mat Convert(const StoredFrame& frame) {
  const int shift = frame.high_bit + 1 - frame.bits_stored;
  const uint32_t mask = (1U << frame.bits_stored) - 1;
  const double white = mask;
  constexpr double kWhite = (1 << 8 * sizeof(T)) - 1;
  const bool as_is = frame.photometric == Photometric::kRgb && mask == kWhite;
  cv::Mat out(frame.samples.size(), CV_MAKETYPE(sizeof(T) == 1 ? CV_8U : CV_16U, 3));
  for (int y = 0; y < out.rows; ++y) {
    const T* from = frame.samples.ptr<T>(y);
    T* to = out.ptr<T>(y);
    for (int x = 0; x < 3 * out.cols; x += 3) {
      if (as_is) {
        to[x] = from[x + 2];
        to[x + 1] = from[x + 1];
        to[x + 2] = from[x];
        continue;
      }
      Pixel samples;
      for (int c = 0; c < 3; ++c) {
        samples[c] = from[x + c] >> shift & mask;
      }
      const Pixel rgb = ToRgb(samples, frame.photometric, white);
      for (int c = 0; c < 3; ++c) {
        to[x + c] =
            static_cast<T>(std::lround(std::clamp(rgb[2 - c], 0.0, white) * kWhite / white));
      }
    }
  }
  return out;
}

// One colour of a palette as 8 bits an entry.
struct PaletteColour {
  int64_t first = 0;
  std::vector<uint8_t> entries;
};

absl::StatusOr<PaletteColour> ReadColour(DcmItem& attributes, const DcmTagKey& descriptor,
                                         const DcmTagKey& data) {
  const int64_t count = static_cast<uint16_t>(IntAt(attributes, descriptor, 0).value_or(0));
  const size_t wanted = count == 0 ? 65536 : static_cast<size_t>(count);
  const int64_t bits = IntAt(attributes, descriptor, 2).value_or(0);
  const std::vector<uint16_t> words = WordsAt(attributes, data);
  PaletteColour colour;
  colour.first = IntAt(attributes, descriptor, 1).value_or(0);
  if (words.size() >= wanted) {
    // 16 bits by their word may be 8 by their values.
    const uint16_t top = *std::max_element(words.begin(), words.end());
    const int shift = bits == 16 && top > 255 ? 8 : 0;
    for (size_t i = 0; i < wanted; ++i) {
      colour.entries.push_back(static_cast<uint8_t>(words[i] >> shift));
    }
  } else if (bits == 8 && words.size() >= (wanted + 1) / 2) {
    for (size_t i = 0; i < wanted; ++i) {
      colour.entries.push_back(static_cast<uint8_t>(i % 2 == 0 ? words[i / 2] : words[i / 2] >> 8));
    }
  } else {
    return absl::InvalidArgumentError("image: the DICOM file's colour palette is damaged");
  }
  return colour;
}

}  // namespace

cv::Mat ApplyColours(const StoredFrame& frame) {
  const bool full =
      frame.photometric == Photometric::kYbrFull || frame.photometric == Photometric::kYbrFull422;
  if (full && frame.samples.depth() == CV_8U && frame.bits_stored == 8) {
    return ConvertFull8(frame.samples);
  }
  return frame.samples.depth() == CV_8U ? Convert<uint8_t>(frame) : Convert<uint16_t>(frame);
}

absl::StatusOr<cv::Mat> ApplyPalette(const StoredFrame& frame, DcmItem& attributes) {
  if (attributes.tagExists(DCM_SegmentedRedPaletteColorLookupTableData)) {
    return absl::UnimplementedError("image: segmented DICOM colour palettes are not read here");
  }
  std::array<PaletteColour, 3> colours;
  LINGULA_ASSIGN_OR_RETURN(colours[0],
                           ReadColour(attributes, DCM_RedPaletteColorLookupTableDescriptor,
                                      DCM_RedPaletteColorLookupTableData));
  LINGULA_ASSIGN_OR_RETURN(colours[1],
                           ReadColour(attributes, DCM_GreenPaletteColorLookupTableDescriptor,
                                      DCM_GreenPaletteColorLookupTableData));
  LINGULA_ASSIGN_OR_RETURN(colours[2],
                           ReadColour(attributes, DCM_BluePaletteColorLookupTableDescriptor,
                                      DCM_BluePaletteColorLookupTableData));
  const int shift = frame.high_bit + 1 - frame.bits_stored;
  const uint32_t mask = (1U << frame.bits_stored) - 1;
  cv::Mat out(frame.samples.size(), CV_8UC3);
  for (int y = 0; y < out.rows; ++y) {
    for (int x = 0; x < out.cols; ++x) {
      const uint32_t sample = frame.samples.depth() == CV_8U ? frame.samples.ptr<uint8_t>(y)[x]
                                                             : frame.samples.ptr<uint16_t>(y)[x];
      for (int c = 0; c < 3; ++c) {
        const PaletteColour& colour = colours[2 - c];
        const int64_t last = static_cast<int64_t>(colour.entries.size()) - 1;
        const int64_t index = int64_t{sample >> shift & mask} - colour.first;
        out.ptr<uint8_t>(y)[3 * x + c] = colour.entries[std::clamp<int64_t>(index, 0, last)];
      }
    }
  }
  return out;
}

}  // namespace lingula
