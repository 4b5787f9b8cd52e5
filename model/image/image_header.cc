#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/image/pixels.h"

namespace lingula {
namespace {

using namespace std::string_literals;  // NOLINT: literals with zero bytes

constexpr absl::string_view kPngSignature = "\x89PNG\r\n\x1a\n";
constexpr absl::string_view kJpegSignature = "\xff\xd8\xff";
constexpr char kAllowed[] = "send a whole PNG, JPEG or DICOM file";

// Formats that people do send. Most telling first.
struct KnownKind {
  const char* name;
  size_t offset;
  std::string magic;
};

const KnownKind* FindUnsupported(absl::string_view file) {
  static const auto* const kinds = new std::vector<KnownKind>{
      {"DICOM", 128, "DICM"},
      {"GIF", 0, "GIF87a"},
      {"GIF", 0, "GIF89a"},
      {"TIFF", 0, "II*\0"s},
      {"TIFF", 0, "MM\0*"s},
      {"BigTIFF", 0, "II+\0"s},
      {"BigTIFF", 0, "MM\0+"s},
      {"WebP", 8, "WEBP"},
      {"JPEG 2000", 0, "\0\0\0\x0cjP  \r\n\x87\n"s},
      {"JPEG 2000", 0, "\xff\x4f\xff\x51"},
      {"JPEG XL", 0, "\0\0\0\x0cJXL \r\n\x87\n"s},
      {"JPEG XL", 0, "\xff\x0a"},
      {"HEIF", 4, "ftyphei"},
      {"HEIF", 4, "ftypmif1"},
      {"AVIF", 4, "ftypavif"},
      {"PDF", 0, "%PDF-"},
      {"BMP", 0, "BM"},
  };
  for (const KnownKind& kind : *kinds) {
    if (file.size() >= kind.offset && absl::StartsWith(file.substr(kind.offset), kind.magic)) {
      return &kind;
    }
  }
  return nullptr;
}

uint32_t BigEndian(absl::string_view bytes) {
  uint32_t value = 0;
  for (const char byte : bytes) {
    value = value << 8 | static_cast<uint8_t>(byte);
  }
  return value;
}

absl::Status Truncated(absl::string_view kind, size_t size) {
  return absl::InvalidArgumentError(absl::StrCat(
      "image: the ", kind, " file ends within its header, after ", size, " bytes; ", kAllowed));
}

absl::StatusOr<ImageHeader> ReadPngHeader(absl::string_view file) {
  constexpr size_t kHeaderBytes = 33;  // signature, then IHDR: length, type, 13 bytes, checksum
  if (file.size() < kHeaderBytes) {
    return Truncated("PNG", file.size());
  }
  const uint32_t width = BigEndian(file.substr(16, 4));
  const uint32_t height = BigEndian(file.substr(20, 4));
  if (BigEndian(file.substr(8, 4)) != 13 || file.substr(12, 4) != "IHDR" || width == 0 ||
      height == 0 || width > INT32_MAX || height > INT32_MAX) {
    return absl::InvalidArgumentError(
        absl::StrCat("image: the PNG header is damaged (width ", width, ", height ", height, ")"));
  }
  return ImageHeader{ImageFormat::kPng, static_cast<int>(width), static_cast<int>(height)};
}

bool IsFrameHeader(int marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

// `frame` begins at the frame header's length.
absl::StatusOr<ImageHeader> ReadJpegFrame(int marker, absl::string_view frame) {
  const uint32_t precision = BigEndian(frame.substr(2, 1));
  const uint32_t height = BigEndian(frame.substr(3, 2));
  const uint32_t width = BigEndian(frame.substr(5, 2));
  const uint32_t components = BigEndian(frame.substr(7, 1));
  if (marker > 0xc2) {
    return absl::UnimplementedError(absl::StrCat(
        "image: this kind of JPEG (lossless, hierarchical or arithmetic, frame type ",
        marker - 0xc0, ") is not supported; send baseline or progressive JPEG, or PNG"));
  }
  if (precision != 8 || components == 4) {
    return absl::UnimplementedError(
        absl::StrCat("image: JPEG with ", precision, " bits and ", components,
                     " components is not supported; send 8-bit grey or YCbCr JPEG, or PNG"));
  }
  if (width == 0 || height == 0 || (components != 1 && components != 3)) {
    return absl::InvalidArgumentError(absl::StrCat("image: the JPEG header is damaged (width ",
                                                   width, ", height ", height, ", ", components,
                                                   " components)"));
  }
  return ImageHeader{ImageFormat::kJpeg, static_cast<int>(width), static_cast<int>(height)};
}

// Walks from segment to segment until the frame header. Each step moves on by 2 bytes at least.
absl::StatusOr<ImageHeader> ReadJpegHeader(absl::string_view file) {
  size_t at = 2;
  for (;;) {
    while (at + 1 < file.size() && file[at] == '\xff' && file[at + 1] == '\xff') {
      ++at;  // fill bytes
    }
    if (at + 4 > file.size()) {
      return Truncated("JPEG", file.size());
    }
    const int marker = static_cast<uint8_t>(file[at + 1]);
    if (marker == 0xf7) {
      return absl::UnimplementedError("image: JPEG-LS is not supported; send PNG or JPEG");
    }
    const size_t length = BigEndian(file.substr(at + 2, 2));
    // 0xc0 is the first marker that may stand here; restarts, start, end and scan may not.
    if (file[at] != '\xff' || marker < 0xc0 || (marker >= 0xd0 && marker <= 0xda) || length < 2) {
      return absl::InvalidArgumentError(
          absl::StrCat("image: the JPEG header is damaged at byte ", at));
    }
    if (IsFrameHeader(marker)) {
      constexpr size_t kFrameBytes = 8;
      return length < kFrameBytes || at + 2 + kFrameBytes > file.size()
                 ? Truncated("JPEG", file.size())
                 : ReadJpegFrame(marker, file.substr(at + 2));
    }
    at += 2 + length;
  }
}

}  // namespace

absl::StatusOr<ImageHeader> ReadImageHeader(absl::string_view file) {
  if (file.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("image: is empty; ", kAllowed));
  }
  if (absl::StartsWith(file, kPngSignature)) {
    return ReadPngHeader(file);
  }
  if (absl::StartsWith(file, kJpegSignature)) {
    return ReadJpegHeader(file);
  }
  if (const KnownKind* kind = FindUnsupported(file)) {
    return absl::UnimplementedError(
        absl::StrCat("image: ", kind->name, " is not read here; ", kAllowed));
  }
  if (absl::StartsWith(kPngSignature, file) || absl::StartsWith(kJpegSignature, file)) {
    return Truncated(file[0] == '\xff' ? "JPEG" : "PNG", file.size());
  }
  return absl::InvalidArgumentError(
      absl::StrCat("image: the content is of no known image kind; ", kAllowed));
}

}  // namespace lingula
