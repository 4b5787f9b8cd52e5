// Stored values to what a person sees: PS3.3 C.11.1 (Modality LUT), C.11.2 (VOI LUT), C.11.6
// (Presentation LUT shape), C.7.5.1.1.2 (padding). Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <dcmtk/dcmdata/dcitem.h>
#include <opencv2/core/mat.hpp>

#include "absl/status/statusor.h"
#include "model/dicom/frame_codecs.h"

namespace lingula {

// A lookup table (C.11.1.1): values below `first` get its first entry, values behind its end the
// last.
struct LookupTable {
  int64_t first = 0;
  int bits = 16;                  // of an entry
  std::vector<uint16_t> entries;  // not empty

  double At(double value) const;
};

enum class WindowShape { kLinear, kLinearExact, kSigmoid };
struct Window {
  double center = 0, width = 1;
  WindowShape shape = WindowShape::kLinear;

  // In [0, 1] (C.11.2.1.2, C.11.2.1.3).
  double At(double value) const;
};

// The steps, in the order in which they are applied.
struct GreyChain {
  std::optional<LookupTable> modality;
  double slope = 1, intercept = 0;  // without `modality`
  std::optional<LookupTable> voi;   // before `window`
  std::optional<Window> window;
  bool as_stored = false;  // 8 bits and no word about grey levels: they are grey levels
  bool inverse = false;    // the highest value is black
  std::optional<int64_t> padding_low, padding_high;  // stored values, shown black
  bool contradiction = false;  // what the file says of its grey levels cannot all hold
};

// Of a frame of a file: functional groups of the frame count before the attributes of all frames.
GreyChain ReadGreyChain(DcmItem& attributes, const PixelLayout& layout, int frame);

struct GreyPicture {
  cv::Mat pixels;       // CV_8UC1 for up to 8 stored bits, else CV_16UC1; white is high
  bool spread = false;  // no step said which values matter: smallest to largest are shown
};

// `frame.samples` is CV_8UC1 or CV_16UC1.
GreyPicture ApplyGreyChain(const GreyChain& chain, const StoredFrame& frame, bool is_signed);

}  // namespace lingula
