// What the library liblingula-video.so offers to the command line. Plain types only: the command
// line itself is not linked to a video library, which would make every call of it a third of a
// second slower to start.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace lingula::cli {

class VideoReader {
 public:
  virtual ~VideoReader() = default;
  // The next picture, BGR, rows without padding. False after the last one.
  virtual bool Next(std::string& bgr, int& width_px, int& height_px) = 0;
  virtual double fps() const = 0;  // 0: the file does not say
};

class VideoWriter {
 public:
  virtual ~VideoWriter() = default;
  // One BGR picture of the size given to open_writer.
  virtual void Write(const unsigned char* bgr, size_t stride_bytes) = 0;
};

// Null for a file that cannot be read or written.
struct VideoModule {
  std::unique_ptr<VideoReader> (*open_reader)(const std::string& path);
  std::unique_ptr<VideoWriter> (*open_writer)(const std::string& path, double fps, int width_px,
                                              int height_px);
};

// The library's one symbol has this type.
using GetVideoModule = const VideoModule* (*)();
inline constexpr char kGetVideoModule[] = "LingulaVideoModule";

}  // namespace lingula::cli
