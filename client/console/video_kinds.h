// Which files may be videos.
#pragma once

#include "absl/strings/string_view.h"

namespace lingula::console {

// The most that LooksLikeVideo looks at.
inline constexpr size_t kVideoStartBytes = 512;

// By the first bytes of a file: MP4 and MOV, AVI, Matroska and WebM, MPEG, Ogg, WMV, FLV, and JPEG
// pictures one after the other. Nothing else gets to the video library, which would also follow
// play lists and scripts to other files.
bool LooksLikeVideo(absl::string_view start);

}  // namespace lingula::console
