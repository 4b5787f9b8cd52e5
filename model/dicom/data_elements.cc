#include "model/dicom/data_elements.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

constexpr uint32_t kItemTag = Tag(0xfffe, 0xe000);
constexpr uint32_t kItemEndTag = Tag(0xfffe, 0xe00d);
constexpr uint32_t kSequenceEndTag = Tag(0xfffe, 0xe0dd);
// Some files hold a few elements out of order; DCMTK sorts those in by searching from the end.
constexpr int kMaxUnsorted = 64;

struct Element {
  uint32_t tag = 0;
  bool sequence = false;   // by its VR
  bool unknown = false;    // VR UN
  bool fragments = false;  // bytes in items: compressed pixels
  uint32_t length = 0;
  size_t begin = 0, value = 0;
};

// Value representations (PS3.5 6.2) whose length takes two bytes, and four.
constexpr absl::string_view kShort =
    "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US";
constexpr absl::string_view kLong = "OB OD OF OL OV OW SQ SV UC UN UR UT UV";

bool IsOneOf(absl::string_view list, absl::string_view vr) {
  for (size_t at = 0; at < list.size(); at += 3) {
    if (list.substr(at, 2) == vr) {
      return true;
    }
  }
  return false;
}

class Walker {
 public:
  Walker(absl::string_view data, ElementCoding coding) : data_(data), coding_(coding) {}

  absl::StatusOr<ElementWalk> Walk();

 private:
  // One level of elements: the data set, or an item that ends at `end` or at its delimiter.
  absl::Status WalkItem(size_t end, bool delimited, int depth);
  absl::Status WalkItems(const Element& sequence, size_t end, int depth, bool explicit_vr);
  absl::Status WalkValue(const Element& element, int depth);
  absl::Status ReadElement(Element& element);
  absl::Status ReadLength(absl::string_view vr, Element& element);
  absl::Status CutOff() {
    cut_off_ = true;
    return absl::OkStatus();
  }
  absl::Status Damaged(absl::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrCat("image: the DICOM file is damaged at byte ", at_, " of its data set: ", what));
  }
  bool Has(size_t bytes) const { return data_.size() - at_ >= bytes; }
  uint32_t Tag32(size_t at) const {
    return Tag(ReadUint16(data_.substr(at), coding_.big_endian),
               ReadUint16(data_.substr(at + 2), coding_.big_endian));
  }
  bool StartsWithItem(const Element& element) const {
    return element.length >= 8 && Has(8) && Tag32(at_) == kItemTag;
  }

  const absl::string_view data_;
  ElementCoding coding_;
  size_t at_ = 0;
  size_t seen_ = 0;
  int unsorted_ = 0;
  bool cut_off_ = false;
};

absl::Status Walker::ReadLength(absl::string_view vr, Element& element) {
  const bool long_form = vr.empty() || IsOneOf(kLong, vr);
  const size_t skip = vr.empty() ? 4 : long_form ? 8 : 6;
  if (!Has(skip + (long_form ? 4 : 2))) {
    return CutOff();
  }
  const absl::string_view bytes = data_.substr(at_ + skip);
  element.length =
      long_form ? ReadUint32(bytes, coding_.big_endian) : ReadUint16(bytes, coding_.big_endian);
  at_ += skip + (long_form ? 4 : 2);
  return absl::OkStatus();
}

absl::Status Walker::ReadElement(Element& element) {
  if (++seen_ > kMaxElements) {
    return absl::OutOfRangeError(absl::StrCat("image: the DICOM file has more than the ",
                                              kMaxElements, " elements allowed"));
  }
  element.begin = at_;
  if (!Has(8)) {
    return CutOff();
  }
  element.tag = Tag32(at_);
  // Items and delimiters have no VR in either coding.
  const bool plain = !coding_.explicit_vr || element.tag >> 16 == 0xfffe;
  const absl::string_view vr = plain ? absl::string_view() : data_.substr(at_ + 4, 2);
  if (!plain && !IsOneOf(kShort, vr) && !IsOneOf(kLong, vr)) {
    return Damaged(absl::StrCat("element ", TagName(element.tag), " has no value representation"));
  }
  LINGULA_RETURN_IF_ERROR(ReadLength(vr, element));
  element.value = at_;
  const bool delimited = element.length == kUndefinedLength;
  element.unknown = vr == "UN";
  element.fragments = delimited && (element.tag == kPixelDataTag || vr == "OB" || vr == "OW");
  element.sequence = vr == "SQ" || (delimited && !element.fragments);
  return absl::OkStatus();
}

absl::Status Walker::WalkItems(const Element& sequence, size_t end, int depth, bool explicit_vr) {
  if (depth > kMaxDepth) {
    return Damaged(absl::StrCat("sequences nest deeper than ", kMaxDepth));
  }
  const bool delimited = sequence.length == kUndefinedLength;
  const bool outer = coding_.explicit_vr;
  while (!cut_off_ && (delimited || at_ < end)) {
    Element item;
    LINGULA_RETURN_IF_ERROR(ReadElement(item));
    if (cut_off_ || (delimited && item.tag == kSequenceEndTag)) {
      break;
    }
    const bool open = item.length == kUndefinedLength;
    if (item.tag != kItemTag || (open && sequence.fragments) ||
        (!open && item.length > end - at_ && end != data_.size())) {
      return Damaged(absl::StrCat("sequence ", TagName(sequence.tag), " holds no item"));
    }
    if (!open && !Has(item.length)) {
      return CutOff();
    }
    if (sequence.fragments) {
      at_ += item.length;
      continue;
    }
    coding_.explicit_vr = explicit_vr;
    LINGULA_RETURN_IF_ERROR(WalkItem(open ? end : at_ + item.length, open, depth));
    coding_.explicit_vr = outer;
  }
  return absl::OkStatus();
}

absl::Status Walker::WalkValue(const Element& element, int depth) {
  // PS3.5 6.2.2: items of an unknown value are in implicit coding.
  const bool explicit_items = coding_.explicit_vr && !element.unknown;
  if (element.length == kUndefinedLength) {
    return WalkItems(element, data_.size(), depth + 1, explicit_items);
  }
  if (!Has(element.length)) {
    return CutOff();
  }
  const size_t end = at_ + element.length;
  // Without VRs whatever looks like a sequence may be parsed as one.
  if ((element.sequence && element.length > 0) || (!explicit_items && StartsWithItem(element))) {
    LINGULA_RETURN_IF_ERROR(WalkItems(element, end, depth + 1, explicit_items));
    if (!cut_off_ && at_ != end) {
      return Damaged(absl::StrCat("the items of ", TagName(element.tag), " do not fill it"));
    }
  }
  at_ = end;
  return absl::OkStatus();
}

absl::Status Walker::WalkItem(size_t end, bool delimited, int depth) {
  uint32_t last = 0;
  while (!cut_off_ && (delimited || at_ < end)) {
    Element element;
    LINGULA_RETURN_IF_ERROR(ReadElement(element));
    if (cut_off_ || (delimited && element.tag == kItemEndTag)) {
      break;
    }
    if (element.tag >> 16 == 0xfffe) {
      return Damaged("a delimiter that ends nothing");
    }
    if (element.tag <= last && ++unsorted_ > kMaxUnsorted) {
      return Damaged("its elements are not in order");
    }
    last = element.tag;
    LINGULA_RETURN_IF_ERROR(WalkValue(element, depth));
    if (!cut_off_ && !delimited && at_ > end) {
      return Damaged(absl::StrCat("element ", TagName(element.tag), " is longer than its item"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ElementWalk> Walker::Walk() {
  ElementWalk walk;
  uint32_t last = 0;
  while (at_ < data_.size()) {
    Element element;
    LINGULA_RETURN_IF_ERROR(ReadElement(element));
    walk.cut_off_at = element.begin;
    if (cut_off_) {
      break;
    }
    if (element.tag >> 16 == 0xfffe) {
      return Damaged("a delimiter that ends nothing");
    }
    if (element.tag >= Tag(0x7fe0, 0x0008)) {
      walk.has_pixels = element.tag == kPixelDataTag;
      walk.pixels = {element.tag, element.begin, element.value, element.value, element.length};
      return walk;
    }
    if (element.tag <= last && ++unsorted_ > kMaxUnsorted) {
      return Damaged("its elements are not in order");
    }
    last = element.tag;
    LINGULA_RETURN_IF_ERROR(WalkValue(element, 0));
    if (cut_off_) {
      break;
    }
    walk.elements.push_back({element.tag, element.begin, element.value, at_, element.length});
  }
  walk.cut_off = true;
  if (!cut_off_) {
    walk.cut_off_at = at_;
  }
  return walk;
}

}  // namespace

bool StartsExplicit(absl::string_view data) {
  const absl::string_view vr = data.size() < 6 ? absl::string_view() : data.substr(4, 2);
  return IsOneOf(kShort, vr) || IsOneOf(kLong, vr);
}

absl::StatusOr<ElementWalk> WalkElements(absl::string_view data, ElementCoding coding) {
  return Walker(data, coding).Walk();
}

std::string TagName(uint32_t tag) {
  return absl::StrFormat("(%04x,%04x)", tag >> 16, tag & 0xffff);
}

uint16_t ReadUint16(absl::string_view bytes, bool big_endian) {
  const auto low = static_cast<uint8_t>(bytes[big_endian ? 1 : 0]);
  const auto high = static_cast<uint8_t>(bytes[big_endian ? 0 : 1]);
  return static_cast<uint16_t>(high << 8 | low);
}

uint32_t ReadUint32(absl::string_view bytes, bool big_endian) {
  const uint32_t first = ReadUint16(bytes, big_endian);
  const uint32_t second = ReadUint16(bytes.substr(2), big_endian);
  return big_endian ? first << 16 | second : second << 16 | first;
}

}  // namespace lingula
