// What a file says of its picture, and whether it is one for people: PS3.3 C.7.3.1 (modality),
// C.7.6.1 (Patient Orientation), C.8.1.1 and C.8.11.5 (view), C.8.11.1.1 (presentation intent).
// Thread-safe.
#pragma once

#include <dcmtk/dcmdata/dcitem.h>

#include "absl/status/status.h"
#include "model/dicom/dicom_picture.h"

namespace lingula {

// FAILED_PRECONDITION, with the reason, where the object is no picture for people.
absl::Status CheckIsPicture(DcmItem& attributes, bool has_pixels);

// All but what decoding finds out (photometric_fallback, frame, frames).
DicomNotes ReadNotes(DcmItem& attributes);

}  // namespace lingula
