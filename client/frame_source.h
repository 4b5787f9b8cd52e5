// Where the frames of `lingula stream` come from.
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "lingula/v1/image.pb.h"

namespace lingula::cli {

// Pictures one after the other. One thread.
class FrameSource {
 public:
  virtual ~FrameSource() = default;
  // Nothing after the last one. Waits for a picture that is still to come.
  virtual absl::StatusOr<std::optional<v1::Image>> Next() = 0;
  // Frames a second by which the pictures were taken; 0: they come when they come.
  virtual double fps() const { return 0; }
};

// "-": concatenated JPEG files from `in`, also in a multipart stream; a folder: the images right
// inside it, sorted by name; a file that ends like .mjpeg or .mjpg: as "-"; anything else: a video.
// `in` is borrowed. `wait` is called where `in` may have nothing yet; false: nobody wants more.
// Errors   NOT_FOUND or INVALID_ARGUMENT with the path and the reason, here or in Next.
absl::StatusOr<std::unique_ptr<FrameSource>> OpenSource(const std::string& path, std::istream& in,
                                                        std::function<bool()> wait);

}  // namespace lingula::cli
