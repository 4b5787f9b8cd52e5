// A walk over the data elements of a DICOM file (PS3.5, chapter 7) before anything is parsed: where
// they lie, whether their lengths fit the bytes that are there, how deep they nest. What passes can
// be handed to DCMTK, which trusts lengths and recurses as deep as a file does. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula {

// How the elements of a data set are written.
struct ElementCoding {
  bool big_endian = false;
  bool explicit_vr = true;
};

constexpr uint32_t Tag(uint16_t group, uint16_t element) {
  return uint32_t{group} << 16 | element;
}
constexpr uint32_t kPixelDataTag = Tag(0x7fe0, 0x0010);
constexpr uint32_t kUndefinedLength = 0xffffffff;

// One element at the top level. Offsets count from the start of the walk.
struct ElementPlace {
  uint32_t tag = 0;
  size_t begin = 0, value = 0, end = 0;  // `end`: one past the value, delimiters included
  uint32_t length = 0;                   // as declared: kUndefinedLength for what is delimited
};

// The elements up to the pixels, in the order of the file.
struct ElementWalk {
  std::vector<ElementPlace> elements;
  bool has_pixels = false;
  ElementPlace pixels;    // `end` is not looked at: it equals `value`
  bool cut_off = false;   // `data` ends within or right behind the last element, pixels not seen
  size_t cut_off_at = 0;  // where the element that is cut off begins
};

// What a walk puts up with.
inline constexpr size_t kMaxElements = size_t{1} << 17;  // items included
inline constexpr int kMaxDepth = 16;                     // of sequences

// True where `data` begins with an element that has a value representation.
bool StartsExplicit(absl::string_view data);

// Walks over `data` until the element that holds the pixels, or the end.
// Errors   INVALID_ARGUMENT an element that cannot be one, or nests too deep; OUT_OF_RANGE too many
// elements. A value that goes on behind the end of `data` is no error, but `cut_off`.
absl::StatusOr<ElementWalk> WalkElements(absl::string_view data, ElementCoding coding);

// "(0028,0010)".
std::string TagName(uint32_t tag);

// Numbers as a file keeps them. `bytes` holds at least 2 or 4.
uint16_t ReadUint16(absl::string_view bytes, bool big_endian);
uint32_t ReadUint32(absl::string_view bytes, bool big_endian);

}  // namespace lingula
