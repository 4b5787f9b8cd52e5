// DICOM Part 10 files to pictures: PS3.3 C.7.6.3 (pixels), C.11 (grey levels), PS3.5 (encodings).
// Thread-safe.
#pragma once

#include <memory>

#include <opencv2/core/types.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/base/sides.h"
#include "model/dicom/dicom_source.h"
#include "model/image/pixels.h"

namespace lingula {

// True for a Part 10 file, and for a bare data set as old archives hold it. Looks at the first
// bytes only.
bool LooksLikeDicom(absl::string_view file);

// kXray: of a part of the body that the file does not name.
enum class DicomSubject { kUnknown, kXray, kChestXray, kOtherXray, kEndoscopy, kOther };
// kOther: lateral, oblique, or a picture that does not stand upright.
enum class DicomView { kUnknown, kFrontal, kOther };

// What a file says of its picture; nothing of the patient.
struct DicomNotes {
  DicomSubject subject = DicomSubject::kUnknown;
  DicomView view = DicomView::kUnknown;
  ViewerLeft viewer_left = ViewerLeft::kUnknown;  // kUnknown unless Patient Orientation is clear
  bool burned_in_text = false;
  bool photometric_fallback = false;  // grey levels were spread from smallest to largest
  int frame = 1, frames = 1;          // the one that was read, from 1
};

struct DicomPicture {
  Picture picture;  // as of DecodeImage, for people to see: MONOCHROME1 is turned round
  DicomNotes notes;
  std::shared_ptr<const DicomSource> source;
};

struct DicomRequest {
  int channels = 1;  // 1 grey, 3 colour
  int frame = 0;     // from 1; 0 is the first
  PixelLimits limits;
};

// Columns and Rows, without decoding.
// Errors   those of DecodeDicom that need no more.
absl::StatusOr<cv::Size> ReadDicomSize(absl::string_view file);

// Reads one frame.
// Errors   INVALID_ARGUMENT truncated, damaged or contradictory; OUT_OF_RANGE too many pixels,
// judged
//          from the header, or no such frame; UNIMPLEMENTED an encoding that is not read here, by
//          its UID and name; FAILED_PRECONDITION an object without a picture for people (dose,
//          report, FOR PROCESSING, ...), with the reason. No message holds anything of the patient.
absl::StatusOr<DicomPicture> DecodeDicom(absl::string_view file, const DicomRequest& request);

}  // namespace lingula
