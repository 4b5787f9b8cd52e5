#include "model/dicom/frame_bytes.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include <dcmtk/dcmdata/dcdeftag.h>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/dicom/attributes.h"

namespace lingula {
namespace {

// How much of a deflated file may be inflated to get to a frame.
constexpr int64_t kMaxInflated = int64_t{1} << 30;

absl::Status CutOff(int64_t needed, int64_t there) {
  return absl::InvalidArgumentError(
      absl::StrCat("image: the DICOM file's pixels are cut off: the "
                   "frame ends at byte ",
                   needed, " of them, and ", there, " are there"));
}

// Bytes that big-endian words hold in pairs.
bool SwapsPairs(const DicomFile& file, const PixelLayout& layout) {
  return file.coding.big_endian && file.pixels_in_words && layout.bits_allocated == 8;
}

absl::Status FindNative(DicomFile& file, const PixelLayout& layout, int frame, FrameBytes& found) {
  const int64_t bytes = layout.frame_bytes();
  const int64_t begin = bytes * (frame - 1);
  const int64_t end = begin + bytes;
  const bool pairs = SwapsPairs(file, layout);
  if (pairs && begin % 2 != 0) {
    return absl::UnimplementedError(
        "image: big-endian DICOM frames with an odd number of bytes are read as far as the first");
  }
  if (file.pixel_length == kUndefinedLength) {
    return absl::InvalidArgumentError(
        "image: the DICOM file keeps pixels in fragments, but its transfer syntax does not");
  }
  if (end > file.pixel_length) {
    return CutOff(end, file.pixel_length);
  }
  const absl::string_view there = file.pixels();
  if (file.rest == nullptr || end <= static_cast<int64_t>(there.size())) {
    if (end > static_cast<int64_t>(there.size())) {
      return CutOff(end, static_cast<int64_t>(there.size()));
    }
    found.bytes = there.substr(begin, bytes + (pairs ? bytes % 2 : 0));
    return absl::OkStatus();
  }
  if (end > kMaxInflated) {
    return absl::OutOfRangeError(absl::StrCat("image: the frame lies more than the ", kMaxInflated,
                                              " bytes allowed into the deflated DICOM file"));
  }
  const auto known = static_cast<int64_t>(there.size());
  if (begin < known) {
    found.own.assign(there.data() + begin, there.size() - begin);
  } else {
    LINGULA_RETURN_IF_ERROR(file.rest->Skip(begin - known));
  }
  LINGULA_RETURN_IF_ERROR(file.rest->Append(bytes - found.own.size(), found.own));
  found.bytes = found.own;
  return static_cast<int64_t>(found.own.size()) == bytes
             ? absl::OkStatus()
             : CutOff(end, begin + static_cast<int64_t>(found.own.size()));
}

struct Fragment {
  size_t offset = 0;  // of its item, from behind the offset table, as offset tables count
  absl::string_view bytes;
};

// The items of compressed pixels. The first is the basic offset table.
absl::StatusOr<std::vector<Fragment>> ListFragments(absl::string_view pixels,
                                                    absl::string_view& table) {
  std::vector<Fragment> fragments;
  bool first = true;
  size_t begin = 0;
  for (size_t at = 0; pixels.size() - at >= 8;) {
    const uint32_t tag =
        Tag(ReadUint16(pixels.substr(at), false), ReadUint16(pixels.substr(at + 2), false));
    const uint32_t length = ReadUint32(pixels.substr(at + 4), false);
    if (tag == Tag(0xfffe, 0xe0dd)) {
      return fragments;
    }
    if (tag != Tag(0xfffe, 0xe000) || length > pixels.size() - at - 8) {
      break;
    }
    const absl::string_view bytes = pixels.substr(at + 8, length);
    if (first) {
      table = bytes;
    } else {
      fragments.push_back({at - begin, bytes});
    }
    at += 8 + size_t{length};
    begin = first ? at : begin;
    first = false;
    if (at == pixels.size() && !fragments.empty()) {
      return fragments;  // the delimiter is forgotten more often than pixels are cut off here
    }
  }
  return absl::InvalidArgumentError(
      "image: the DICOM file's compressed pixels are cut off, or damaged between two fragments");
}

// Where each frame begins, by whichever table there is; empty when there is none.
std::vector<uint64_t> FrameOffsets(DicomFile& file, absl::string_view basic) {
  std::vector<uint64_t> offsets;
  for (size_t i = 0; i + 4 <= basic.size(); i += 4) {
    offsets.push_back(ReadUint32(basic.substr(i), false));
  }
  const Uint8* bytes = nullptr;
  unsigned long count = 0;
  const DcmTagKey extended_table(0x7fe0, 0x0001);
  if (offsets.empty() &&
      file.attributes->findAndGetUint8Array(extended_table, bytes, &count).good()) {
    offsets.resize(count / sizeof(uint64_t));
    std::memcpy(offsets.data(), bytes, offsets.size() * sizeof(uint64_t));
  }
  return offsets;
}

// The fragments [first, last) of a frame.
struct Range {
  size_t first = 0, last = 0;
};
absl::StatusOr<Range> FragmentsOf(int frame, int frames, const std::vector<Fragment>& fragments,
                                  const std::vector<uint64_t>& offsets) {
  const size_t index = frame - 1;
  if (frames == 1) {
    return Range{0, fragments.size()};
  }
  if (index < offsets.size()) {
    const auto before = [](const Fragment& fragment, uint64_t offset) {
      return fragment.offset < offset;
    };
    const auto find = [&](uint64_t offset) {
      return static_cast<size_t>(
          std::lower_bound(fragments.begin(), fragments.end(), offset, before) - fragments.begin());
    };
    return Range{find(offsets[index]),
                 index + 1 < offsets.size() ? find(offsets[index + 1]) : fragments.size()};
  }
  if (fragments.size() == static_cast<size_t>(frames)) {
    return Range{index, index + 1};
  }
  return absl::InvalidArgumentError(
      absl::StrCat("image: the DICOM file has ", frames, " frames in ", fragments.size(),
                   " fragments and no offset table: where a frame begins cannot be told"));
}

}  // namespace

absl::Status FindFrame(DicomFile& file, const PixelLayout& layout, int frame, FrameBytes& found) {
  if (frame < 1 || frame > layout.frames) {
    return absl::OutOfRangeError(absl::StrCat("image: there is no frame ", frame,
                                              ": the DICOM file has ", layout.frames,
                                              ", counted from 1"));
  }
  if (file.syntax->codec == PixelCodec::kNative) {
    return FindNative(file, layout, frame, found);
  }
  absl::string_view table;
  LINGULA_ASSIGN_OR_RETURN(const std::vector<Fragment> fragments,
                           ListFragments(file.pixels(), table));
  LINGULA_ASSIGN_OR_RETURN(const Range range,
                           FragmentsOf(frame, layout.frames, fragments, FrameOffsets(file, table)));
  if (range.first >= range.last) {
    return absl::InvalidArgumentError(
        absl::StrCat("image: the DICOM file holds no pixels for frame ", frame));
  }
  if (range.last - range.first == 1) {
    found.bytes = fragments[range.first].bytes;
    return absl::OkStatus();
  }
  for (size_t i = range.first; i < range.last; ++i) {
    found.own.append(fragments[i].bytes.data(), fragments[i].bytes.size());
  }
  found.bytes = found.own;
  return absl::OkStatus();
}

}  // namespace lingula
