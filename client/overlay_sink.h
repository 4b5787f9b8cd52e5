// Where frames with their masks drawn over them go.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lingula/v1/segmentation.pb.h"

namespace lingula::cli {

// One thread.
class OverlaySink {
 public:
  virtual ~OverlaySink() = default;
  // Adds a frame with the mask of `answer`, which must hold it as COCO run lengths; a frame without
  // mask appears as it is.
  // Errors   INVALID_ARGUMENT a picture that cannot be drawn on, or a frame of another size than
  // the
  //          video's; PERMISSION_DENIED and so on: the file.
  absl::Status Write(const v1::Image& image, const v1::SegmentStreamResponse& answer);

 protected:
  struct Drawing;
  virtual absl::Status Put(uint64_t number, const Drawing& drawing) = 0;
};

// A path that ends like .avi: Motion JPEG at `fps` (25 when 0); like .mjpeg or .mjpg: JPEG files
// one after the other, to be read while it grows; anything else: a folder for NUMBER.overlay.jpg.
// Errors   INVALID_ARGUMENT, PERMISSION_DENIED with the path and the reason.
absl::StatusOr<std::unique_ptr<OverlaySink>> OpenSink(const std::string& path, double fps);

}  // namespace lingula::cli
