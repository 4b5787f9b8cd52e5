// Videos, through a library that is opened when one is asked for.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/frame_source.h"
#include "client/video/video_module.h"

namespace lingula::cli {

// Errors   INVALID_ARGUMENT a file that is no video; UNIMPLEMENTED the library is not installed
//          beside this program.
absl::StatusOr<std::unique_ptr<FrameSource>> OpenVideo(const std::string& path);

// Motion JPEG in an AVI file. Errors   as OpenVideo, but PERMISSION_DENIED a file that cannot be
// written.
absl::StatusOr<std::unique_ptr<VideoWriter>> CreateVideo(const std::string& path, double fps,
                                                         int width_px, int height_px);

}  // namespace lingula::cli
