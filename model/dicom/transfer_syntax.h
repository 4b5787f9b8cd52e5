// The encodings of PS3.5 chapter 10 and annex A that are read here. Thread-safe.
#pragma once

#include "absl/strings/string_view.h"
#include "model/dicom/data_elements.h"

namespace lingula {

enum class PixelCodec { kNative, kRle, kJpeg, kJpegLs, kJpeg2000 };

struct TransferSyntax {
  const char* uid;
  PixelCodec codec = PixelCodec::kNative;
  bool lossy = false;  // always; JPEG 2000 of the kind that may be is, unless the file denies it
  ElementCoding coding = {};
  bool deflated = false;
};

// Null when it is not read here.
const TransferSyntax* FindTransferSyntax(absl::string_view uid);

}  // namespace lingula
