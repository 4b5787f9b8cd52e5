#include "model/dicom/attributes.h"

#include <cmath>

#include <dcmtk/dcmdata/dcelem.h>
#include <dcmtk/dcmdata/dcsequen.h>

#include "absl/strings/ascii.h"

namespace lingula {

std::optional<int64_t> IntAt(DcmItem& item, const DcmTagKey& tag, unsigned long index) {
  Uint16 u16 = 0;
  Sint16 s16 = 0;
  Uint32 u32 = 0;
  Sint32 s32 = 0;
  if (item.findAndGetUint16(tag, u16, index).good()) {
    return u16;
  }
  if (item.findAndGetSint16(tag, s16, index).good()) {
    return s16;
  }
  if (item.findAndGetUint32(tag, u32, index).good()) {
    return u32;
  }
  if (item.findAndGetSint32(tag, s32, index).good()) {
    return s32;
  }
  return std::nullopt;
}

std::optional<double> NumberAt(DcmItem& item, const DcmTagKey& tag, unsigned long index) {
  Float64 wide = 0;
  Float32 narrow = 0;
  if (item.findAndGetFloat64(tag, wide, index).good()) {
    return std::isfinite(wide) ? std::optional<double>(wide) : std::nullopt;
  }
  if (item.findAndGetFloat32(tag, narrow, index).good()) {
    return std::isfinite(narrow) ? std::optional<double>(narrow) : std::nullopt;
  }
  const std::optional<int64_t> whole = IntAt(item, tag, index);
  return whole.has_value() ? std::optional<double>(static_cast<double>(*whole)) : std::nullopt;
}

std::string CodeAt(DcmItem& item, const DcmTagKey& tag, unsigned long index) {
  OFString value;
  if (item.findAndGetOFString(tag, value, index).bad()) {
    return "";
  }
  std::string code(value.data(), value.size());
  code.resize(code.find('\0') == std::string::npos ? code.size() : code.find('\0'));
  absl::StripAsciiWhitespace(&code);
  absl::AsciiStrToUpper(&code);
  return code;
}

std::string UidAt(DcmItem& item, const DcmTagKey& tag) {
  return CodeAt(item, tag);
}

DcmItem* ItemAt(DcmItem& item, const DcmTagKey& sequence, long index) {
  DcmItem* found = nullptr;
  return item.findAndGetSequenceItem(sequence, found, index).good() ? found : nullptr;
}

std::vector<uint16_t> WordsAt(DcmItem& item, const DcmTagKey& tag) {
  const Uint16* words = nullptr;
  unsigned long count = 0;
  if (item.findAndGetUint16Array(tag, words, &count).good() && words != nullptr) {
    return {words, words + count};
  }
  const Sint16* with_sign = nullptr;
  if (item.findAndGetSint16Array(tag, with_sign, &count).good() && with_sign != nullptr) {
    return {with_sign, with_sign + count};
  }
  const Uint8* bytes = nullptr;
  if (item.findAndGetUint8Array(tag, bytes, &count).good() && bytes != nullptr) {
    std::vector<uint16_t> pairs(count / 2);
    for (size_t i = 0; i < pairs.size(); ++i) {
      pairs[i] = static_cast<uint16_t>(bytes[2 * i] | bytes[2 * i + 1] << 8);
    }
    return pairs;
  }
  return {};
}

}  // namespace lingula
