#include "model/dicom/dicom_file.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcuid.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/dicom/dcmtk_door.h"
#include "model/dicom/dicom_picture.h"

namespace lingula {
namespace {

constexpr size_t kPreambleBytes = 132;
constexpr char kImplicitUid[] = "1.2.840.10008.1.2";
constexpr char kExplicitUid[] = "1.2.840.10008.1.2.1";
constexpr char kBigEndianUid[] = "1.2.840.10008.1.2.2";
// Attributes before the pixels may take this much of a deflated file: 1,000 times its own size is
// what a hostile one can claim.
constexpr size_t kMaxInflatedHeader = size_t{16} << 20;
constexpr uint32_t kMaxValueBytes = 1 << 16;

bool HasPreamble(absl::string_view file) {
  return file.size() >= kPreambleBytes && file.substr(128, 4) == "DICM";
}

// Where the data set begins and how it is written.
struct Encoding {
  const TransferSyntax* syntax = nullptr;
  size_t begin = 0;
};

// The encoding of a data set without meta information, from its first element, which belongs to
// group 8: explicit when two capitals follow the tag, implicit when a plausible length does.
const TransferSyntax* BareSyntax(absl::string_view file) {
  if (file.size() < 16) {
    return nullptr;
  }
  const bool capitals = std::isupper(static_cast<unsigned char>(file[4])) != 0 &&
                        std::isupper(static_cast<unsigned char>(file[5])) != 0;
  const bool little = ReadUint16(file, false) == 8 && ReadUint16(file.substr(2), false) <= 0x70;
  const bool big = ReadUint16(file, true) == 8 && ReadUint16(file.substr(2), true) <= 0x70;
  if (capitals) {
    return little ? FindTransferSyntax(kExplicitUid)
           : big  ? FindTransferSyntax(kBigEndianUid)
                  : nullptr;
  }
  constexpr uint32_t kMaxFirstValue = 128;
  return little && ReadUint32(file.substr(4), false) <= kMaxFirstValue
             ? FindTransferSyntax(kImplicitUid)
             : nullptr;
}

// UIDs are digits and dots; anything else is not repeated to anyone.
absl::Status NotReadHere(absl::string_view uid) {
  const bool plain = !uid.empty() && uid.size() <= 64 &&
                     std::all_of(uid.begin(), uid.end(),
                                 [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; });
  if (!plain) {
    return absl::InvalidArgumentError("image: the DICOM file names no valid transfer syntax");
  }
  const char* name = dcmFindNameOfUID(std::string(uid).c_str());
  return absl::UnimplementedError(
      absl::StrCat("image: DICOM transfer syntax ", uid, name == nullptr ? "" : " (",
                   name == nullptr ? "" : name, name == nullptr ? "" : ")",
                   " is not read here; docs/dicom.md lists those that are"));
}

// Group 2, always explicit and little endian, and what it says of the rest.
absl::StatusOr<Encoding> ReadMeta(absl::string_view file, size_t begin) {
  const absl::string_view data = file.substr(begin);
  size_t at = 0;
  absl::string_view uid;
  while (data.size() - at >= 12 && ReadUint16(data.substr(at), false) == 2) {
    const absl::string_view vr = data.substr(at + 4, 2);
    const bool wide = vr == "OB" || vr == "UN" || vr == "UT";
    const size_t value = at + (wide ? 12 : 8);
    const size_t length =
        wide ? ReadUint32(data.substr(at + 8), false) : ReadUint16(data.substr(at + 6), false);
    if (length > data.size() - value) {
      break;
    }
    if (ReadUint16(data.substr(at + 2), false) == 0x0010) {
      uid = data.substr(value, length);
    }
    at = value + length;
  }
  while (!uid.empty() && (uid.back() == '\0' || uid.back() == ' ')) {
    uid.remove_suffix(1);
  }
  if (uid.empty()) {
    const TransferSyntax* syntax = BareSyntax(data.substr(at));
    return syntax != nullptr
               ? absl::StatusOr<Encoding>(Encoding{syntax, begin + at})
               : absl::InvalidArgumentError(
                     "image: the DICOM file ends within its meta information, or names no "
                     "transfer syntax");
  }
  const TransferSyntax* syntax = FindTransferSyntax(uid);
  return syntax != nullptr ? absl::StatusOr<Encoding>(Encoding{syntax, begin + at})
                           : NotReadHere(uid);
}

absl::StatusOr<Encoding> FindEncoding(absl::string_view file) {
  if (HasPreamble(file)) {
    return ReadMeta(file, kPreambleBytes);
  }
  if (const TransferSyntax* syntax = BareSyntax(file)) {
    return Encoding{syntax, 0};
  }
  return ReadMeta(file, 0);
}

// Inflates and walks until the pixels are in sight: whatever is not there yet is fetched in steps
// that double.
absl::StatusOr<ElementWalk> InflateHeader(DicomFile& file) {
  for (size_t want = size_t{1} << 16; want <= kMaxInflatedHeader; want *= 2) {
    const size_t missing = want - file.inflated.size();
    LINGULA_RETURN_IF_ERROR(file.rest->Append(missing, file.inflated));
    LINGULA_ASSIGN_OR_RETURN(ElementWalk walk, WalkElements(file.inflated, file.coding));
    if (!walk.cut_off || file.inflated.size() < want) {
      return walk;
    }
  }
  return absl::OutOfRangeError(
      absl::StrCat("image: the attributes of the deflated DICOM file take "
                   "more than the ",
                   kMaxInflatedHeader, " bytes allowed"));
}

bool IsKept(const ElementPlace& element) {
  const uint32_t group = element.tag >> 16;
  const bool overlay_or_curve = group >= 0x5000 && group < 0x7000 && (group & 0xff00) != 0x5200;
  return group % 2 == 0 && group >= 8 && !overlay_or_curve &&
         (element.end - element.value <= kMaxValueBytes + 2 || group == 0x0028);
}

absl::StatusOr<std::unique_ptr<DcmDataset>> Parse(absl::string_view data, const ElementWalk& walk,
                                                  ElementCoding coding) {
  std::string kept;
  for (const ElementPlace& element : walk.elements) {
    if (IsKept(element)) {
      absl::StrAppend(&kept, data.substr(element.begin, element.end - element.begin));
    }
  }
  DcmInputBufferStream stream;
  stream.setBuffer(kept.data(), static_cast<offile_off_t>(kept.size()));
  stream.setEos();
  auto dataset = std::make_unique<DcmDataset>();
  const E_TransferSyntax syntax = coding.big_endian    ? EXS_BigEndianExplicit
                                  : coding.explicit_vr ? EXS_LittleEndianExplicit
                                                       : EXS_LittleEndianImplicit;
  dataset->transferInit();
  const OFCondition result = dataset->read(stream, syntax);
  dataset->transferEnd();
  if (result.bad()) {
    // DCMTK's own words may quote the file.
    return absl::InvalidArgumentError("image: the attributes of the DICOM file cannot be parsed");
  }
  return dataset;
}

// Everything about `file` but its attributes.
absl::StatusOr<ElementWalk> FindElements(absl::string_view bytes, DicomFile& file) {
  LINGULA_ASSIGN_OR_RETURN(const Encoding encoding, FindEncoding(bytes));
  file.syntax = encoding.syntax;
  absl::string_view data = file.bytes = bytes.substr(encoding.begin);
  ElementWalk walk;
  file.coding = encoding.syntax->coding;
  if (!encoding.syntax->deflated && !file.coding.big_endian) {
    file.coding.explicit_vr = StartsExplicit(data);
  }
  if (encoding.syntax->deflated) {
    file.rest = std::make_unique<Inflater>(data);
    LINGULA_ASSIGN_OR_RETURN(walk, InflateHeader(file));
    data = file.inflated;
  } else {
    LINGULA_ASSIGN_OR_RETURN(walk, WalkElements(data, file.coding));
  }
  if (walk.cut_off && walk.cut_off_at < data.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("image: the DICOM file ends within an attribute, at byte ", walk.cut_off_at,
                     " of its data set; send the whole file"));
  }
  file.has_pixels = walk.has_pixels;
  file.pixels_in_words =
      walk.has_pixels && file.coding.explicit_vr && data.substr(walk.pixels.begin + 4, 2) == "OW";
  file.pixel_length = walk.pixels.length;
  file.pixels_at = walk.has_pixels ? walk.pixels.value : data.size();
  return walk;
}

}  // namespace

bool LooksLikeDicom(absl::string_view file) {
  return HasPreamble(file) || BareSyntax(file) != nullptr ||
         (file.size() >= 8 && absl::StartsWith(file, absl::string_view("\2\0\0\0UL\4\0", 8)));
}

absl::StatusOr<DicomFile> OpenDicomFile(absl::string_view bytes) {
  LINGULA_RETURN_IF_ERROR(PrepareDcmtk());
  DicomFile file;
  LINGULA_ASSIGN_OR_RETURN(const ElementWalk walk, FindElements(bytes, file));
  LINGULA_ASSIGN_OR_RETURN(file.attributes, Parse(file.read(), walk, file.coding));
  return file;
}

}  // namespace lingula
