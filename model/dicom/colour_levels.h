// Colours of a file to BGR: PS3.3 C.7.6.3.1.2 (YBR_*), C.7.9 (palettes). Thread-safe.
#pragma once

#include <dcmtk/dcmdata/dcitem.h>
#include <opencv2/core/mat.hpp>

#include "absl/status/statusor.h"
#include "model/dicom/frame_codecs.h"

namespace lingula {

// CV_8UC3, or CV_16UC3 where more than 8 bits are stored, blue first as OpenCV keeps it.
// `frame` has three samples; fewer bits than the type holds are stretched to white.
cv::Mat ApplyColours(const StoredFrame& frame);

// The same of one sample and the palette in `attributes`.
// Errors   INVALID_ARGUMENT palette missing or damaged; UNIMPLEMENTED a segmented one.
absl::StatusOr<cv::Mat> ApplyPalette(const StoredFrame& frame, DcmItem& attributes);

}  // namespace lingula
