// How much the console takes.
#pragma once

#include <cstddef>

#include "client/client.h"

namespace lingula::console {

// A request holds little more than the file.
inline constexpr size_t kMaxImageBytes = kMaxMessageBytes - (64 << 10);
// A video lies in memory while it plays.
inline constexpr size_t kMaxVideoBytes = size_t{1} << 30;
inline constexpr int kMaxVideos = 2;  // at a time

}  // namespace lingula::console
