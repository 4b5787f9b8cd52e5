// What results copy from the DICOM file that they are about: patient, study, and reference to the
// instance. Opaque on purpose: only the writers in this folder look inside
// (docs/adr/0015-dicom.md).
#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace lingula {

class DicomSource {
 public:
  class Content;  // DCMTK; dicom_source_content.h, for this folder's sources only
  explicit DicomSource(std::unique_ptr<const Content> content);
  ~DicomSource();
  DicomSource(const DicomSource&) = delete;
  DicomSource& operator=(const DicomSource&) = delete;

 private:
  friend const Content& ContentOf(const DicomSource& source);
  std::unique_ptr<const Content> content_;
};

// HMAC-SHA-256 of the SOP Instance UID in lowercase hexadecimal: what may be written down of it.
std::string KeyedInstanceHash(const DicomSource& source, absl::string_view key);

}  // namespace lingula
