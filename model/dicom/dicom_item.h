// Writes attributes into a data set and keeps the first thing that went wrong, so that the code
// that builds an object reads like its table in the standard. Private to this folder; not
// thread-safe.
#pragma once

#include <string>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/dicom/dicom_codes.h"

namespace lingula {

class DicomItem {
 public:
  // Borrows both.
  DicomItem(DcmItem& item, absl::Status& first_problem) : item_(&item), problem_(&first_problem) {}

  // A value of characters or digits; empty: the attribute without a value.
  void Text(const DcmTagKey& tag, absl::string_view value);
  // The same, cut off behind `max_bytes`, the limit of its kind (PS3.5 6.2: LO 64, SH 16).
  void Text(const DcmTagKey& tag, absl::string_view value, size_t max_bytes);
  void Short(const DcmTagKey& tag, int value);
  void Long(const DcmTagKey& tag, uint32_t value);
  void Tag(const DcmTagKey& tag, const DcmTagKey& value);
  void Bytes(const DcmTagKey& tag, absl::string_view bytes);
  // A sequence without items.
  void EmptySequence(const DcmTagKey& tag);
  // A new last item of a sequence.
  DicomItem Append(const DcmTagKey& sequence);
  // Appends a code (PS3.3 8.8).
  void Code(const DcmTagKey& sequence, const CodedConcept& code);
  // The attribute as `from` has it. False where it is missing or empty there; nothing is written.
  bool CopyAsItIs(DcmItem& from, const DcmTagKey& tag);
  // The same, but false too for a value that its kind does not allow: "unknown" is no date.
  bool Copy(DcmItem& from, const DcmTagKey& tag);
  // The same; without a value where that would be false (type 2).
  void CopyOrEmpty(DcmItem& from, const DcmTagKey& tag);

 private:
  void Check(const OFCondition& condition, const DcmTagKey& tag);

  DcmItem* item_;
  absl::Status* problem_;
};

// The first value of an attribute, without padding; empty where there is none.
std::string ValueOf(DcmItem& item, const DcmTagKey& tag);

// The bytes of a Part 10 file in Explicit VR Little Endian; nothing in them depends on time or
// place. Errors   INTERNAL.
absl::StatusOr<std::string> BytesOf(DcmFileFormat& file);

}  // namespace lingula
