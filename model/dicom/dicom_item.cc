#include "model/dicom/dicom_item.h"

#include <dcmtk/dcmdata/dcostrmb.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace lingula {
namespace {

// DCMTK does not count characters where they may have several bytes; ASCII has one each.
bool IsShortEnough(const std::string& text, size_t most) {
  if (!std::all_of(text.begin(), text.end(), absl::ascii_isascii)) {
    return true;
  }
  const std::vector<absl::string_view> values = absl::StrSplit(text, '\\');
  return std::all_of(values.begin(), values.end(),
                     [most](absl::string_view value) { return value.size() <= most; });
}

bool IsAllowed(DcmElement& element) {
  if (element.ident() == EVR_SQ) {
    return true;
  }
  OFString text;
  return element.checkValue().good() && element.getOFStringArray(text).good() &&
         IsShortEnough(text.c_str(), DcmVR(element.ident()).getMaxValueLength());
}

}  // namespace

// Names the attribute, never a value: it may be the patient's.
void DicomItem::Check(const OFCondition& condition, const DcmTagKey& tag) {
  if (condition.bad() && problem_->ok()) {
    *problem_ = absl::InternalError(
        absl::StrCat("DICOM: cannot write ", tag.toString().c_str(), ": ", condition.text()));
  }
}

void DicomItem::Text(const DcmTagKey& tag, absl::string_view value) {
  Check(item_->putAndInsertString(tag, value.data(), static_cast<Uint32>(value.size())), tag);
}

void DicomItem::Text(const DcmTagKey& tag, absl::string_view value, size_t max_bytes) {
  Text(tag, value.substr(0, max_bytes));
}

void DicomItem::Short(const DcmTagKey& tag, int value) {
  Check(item_->putAndInsertUint16(tag, static_cast<Uint16>(value)), tag);
}

void DicomItem::Long(const DcmTagKey& tag, uint32_t value) {
  Check(item_->putAndInsertUint32(tag, value), tag);
}

void DicomItem::Tag(const DcmTagKey& tag, const DcmTagKey& value) {
  Check(item_->putAndInsertTagKey(tag, value), tag);
}

void DicomItem::Bytes(const DcmTagKey& tag, absl::string_view bytes) {
  Check(item_->putAndInsertUint8Array(tag, reinterpret_cast<const Uint8*>(bytes.data()),
                                      bytes.size()),
        tag);
}

void DicomItem::EmptySequence(const DcmTagKey& tag) {
  Check(item_->insertEmptyElement(tag), tag);
}

DicomItem DicomItem::Append(const DcmTagKey& sequence) {
  auto item = std::make_unique<DcmItem>();
  DcmItem* const added = item.get();
  const OFCondition condition = item_->insertSequenceItem(sequence, added);
  Check(condition, sequence);
  if (condition.good()) {
    static_cast<void>(item.release());  // the sequence has it now
    return {*added, *problem_};
  }
  return *this;  // the problem is kept, and what follows is thrown away with it
}

void DicomItem::Code(const DcmTagKey& sequence, const CodedConcept& code) {
  DicomItem item = Append(sequence);
  item.Text(DCM_CodeValue, code.value);
  item.Text(DCM_CodingSchemeDesignator, code.scheme);
  item.Text(DCM_CodeMeaning, code.meaning);
}

bool DicomItem::Copy(DcmItem& from, const DcmTagKey& tag) {
  if (!CopyAsItIs(from, tag)) {
    return false;
  }
  DcmElement* copied = nullptr;
  if (item_->findAndGetElement(tag, copied).good() && !IsAllowed(*copied)) {
    item_->findAndDeleteElement(tag);
    return false;
  }
  return true;
}

bool DicomItem::CopyAsItIs(DcmItem& from, const DcmTagKey& tag) {
  DcmElement* element = nullptr;
  if (from.findAndGetElement(tag, element).bad() || element->isEmpty()) {
    return false;
  }
  if (element->ident() == DcmTag(tag).getEVR()) {
    Check(from.findAndInsertCopyOfElement(tag, item_), tag);
    return true;
  }
  OFString text;  // written as another kind, most often UN
  if (from.findAndGetOFStringArray(tag, text).bad() || text.empty()) {
    return false;
  }
  Check(item_->putAndInsertOFStringArray(tag, text), tag);
  return true;
}

void DicomItem::CopyOrEmpty(DcmItem& from, const DcmTagKey& tag) {
  if (!Copy(from, tag)) {
    Check(item_->insertEmptyElement(tag), tag);
  }
}

std::string ValueOf(DcmItem& item, const DcmTagKey& tag) {
  OFString text;
  if (item.findAndGetOFString(tag, text).bad()) {
    return "";
  }
  const size_t end = text.find_last_not_of(std::string(" \0", 2).c_str(), OFString_npos, 2);
  return end == OFString_npos ? "" : std::string(text.c_str(), end + 1);
}

absl::StatusOr<std::string> BytesOf(DcmFileFormat& file) {
  constexpr E_TransferSyntax kSyntax = EXS_LittleEndianExplicit;
  constexpr size_t kAroundMeta = 1024;  // preamble and more
  OFCondition condition = file.validateMetaInfo(kSyntax);
  std::string bytes(file.calcElementLength(kSyntax, EET_ExplicitLength) + kAroundMeta, '\0');
  DcmOutputBufferStream stream(bytes.data(), static_cast<offile_off_t>(bytes.size() & ~size_t{1}));
  if (condition.good()) {
    file.transferInit();
    condition = file.write(stream, kSyntax, EET_ExplicitLength, nullptr, EGL_noChange);
    file.transferEnd();
  }
  if (condition.bad()) {
    return absl::InternalError(absl::StrCat("DICOM: cannot write the file: ", condition.text()));
  }
  void* start = nullptr;
  offile_off_t length = 0;
  stream.flushBuffer(start, length);
  bytes.resize(static_cast<size_t>(length));
  return bytes;
}

}  // namespace lingula
