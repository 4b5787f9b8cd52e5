#include "client/console/video_kinds.h"

#include <array>

namespace lingula::console {
namespace {

struct Mark {
  size_t at;
  absl::string_view bytes;
};

constexpr std::array<Mark, 12> kMarks = {{
    {4, "ftyp"},                              // MP4, MOV
    {4, "moov"},                              // old MOV
    {4, "mdat"},                              // the same, with the content first
    {8, "AVI "},                              // AVI
    {0, "\x1a\x45\xdf\xa3"},                  // Matroska, WebM
    {0, {"\x00\x00\x01\xba", 4}},             // MPEG program stream
    {0, {"\x00\x00\x01\xb3", 4}},             // MPEG video
    {0, "OggS"},                              // Ogg
    {0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"},  // WMV
    {0, "FLV\x01"},                           // FLV
    {0, "\xff\xd8\xff"},                      // Motion JPEG
    {0, {"\x00\x00\x00\x01\x67", 5}},         // H.264 without a container
}};

constexpr size_t kTransportPacketBytes = 188;
constexpr char kTransportSync = 0x47;

}  // namespace

bool LooksLikeVideo(absl::string_view start) {
  for (const Mark& mark : kMarks) {
    if (start.size() >= mark.at && start.substr(mark.at, mark.bytes.size()) == mark.bytes) {
      return true;
    }
  }
  return start.size() > kTransportPacketBytes && start[0] == kTransportSync &&
         start[kTransportPacketBytes] == kTransportSync;
}

}  // namespace lingula::console
