// A DICOM file taken apart: its encoding, its attributes in DCMTK's form, and where its pixels lie.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <dcmtk/dcmdata/dcdatset.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/dicom/inflate.h"
#include "model/dicom/transfer_syntax.h"

namespace lingula {

struct DicomFile {
  const TransferSyntax* syntax = nullptr;
  ElementCoding coding;  // of the attributes: some files use another than their syntax says
  // Everything up to the pixels but private attributes, overlays, curves and values of more than
  // 64 KiB that are no lookup tables: nobody here reads those, and results must not copy them.
  std::unique_ptr<DcmDataset> attributes;
  bool has_pixels = false;
  bool pixels_in_words = false;  // VR OW: big endian swaps pairs of bytes
  uint32_t pixel_length = 0;     // as declared; kUndefinedLength where the pixels lie in fragments
  // The data set; of a deflated file what was inflated so far, to be continued from `rest`.
  absl::string_view bytes;
  std::string inflated;
  std::unique_ptr<Inflater> rest;
  size_t pixels_at = 0;  // where the pixels' value begins in it

  // The data set as far as it is there.
  absl::string_view read() const { return rest == nullptr ? bytes : absl::string_view(inflated); }
  // The same from the first byte of the pixels' value on.
  absl::string_view pixels() const { return read().substr(pixels_at); }
};

// Opens a Part 10 file, or a bare data set. Parses the attributes, decodes nothing. Borrows `file`.
// Errors   INVALID_ARGUMENT damaged or cut off within the attributes; OUT_OF_RANGE more attributes
//          than allowed; UNIMPLEMENTED a transfer syntax that is not read here.
// Threads  Thread-safe; the result is for one.
absl::StatusOr<DicomFile> OpenDicomFile(absl::string_view file);

}  // namespace lingula
