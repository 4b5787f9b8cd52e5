#include "client/video_file.h"

#include <dlfcn.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"

namespace lingula::cli {
namespace {

constexpr char kLibrary[] = "liblingula-video.so";

// Found beside the program by its run path. Opened once and for good.
const VideoModule* OpenModule() {
  void* const library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return nullptr;
  }
  const auto get = reinterpret_cast<GetVideoModule>(dlsym(library, kGetVideoModule));
  return get == nullptr ? nullptr : get();
}

absl::StatusOr<const VideoModule*> Module() {
  static const VideoModule* const module = OpenModule();
  if (module == nullptr) {
    return absl::UnimplementedError(
        absl::StrCat("videos need ", kLibrary,
                     " beside this program, and OpenCV's videoio; without "
                     "them there are folders of images and .mjpeg files"));
  }
  return module;
}

class VideoSource final : public FrameSource {
 public:
  explicit VideoSource(std::unique_ptr<VideoReader> reader) : reader_(std::move(reader)) {}

  absl::StatusOr<std::optional<v1::Image>> Next() override {
    v1::Image image;
    v1::RawImage& raw = *image.mutable_raw();
    int width = 0;
    int height = 0;
    if (!reader_->Next(*raw.mutable_data(), width, height)) {
      return std::nullopt;
    }
    raw.set_width(static_cast<uint32_t>(width));
    raw.set_height(static_cast<uint32_t>(height));
    raw.set_format(v1::PIXEL_FORMAT_BGR8);
    return image;
  }
  double fps() const override { return reader_->fps(); }

 private:
  const std::unique_ptr<VideoReader> reader_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<FrameSource>> OpenVideo(const std::string& path) {
  LINGULA_ASSIGN_OR_RETURN(const VideoModule* const module, Module());
  std::unique_ptr<VideoReader> reader = module->open_reader(path);
  if (reader == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": not a video that can be read"));
  }
  return std::make_unique<VideoSource>(std::move(reader));
}

absl::StatusOr<std::unique_ptr<VideoWriter>> CreateVideo(const std::string& path, double fps,
                                                         int width_px, int height_px) {
  LINGULA_ASSIGN_OR_RETURN(const VideoModule* const module, Module());
  std::unique_ptr<VideoWriter> writer = module->open_writer(path, fps, width_px, height_px);
  if (writer == nullptr) {
    return absl::PermissionDeniedError(absl::StrCat(path, ": cannot write a video here"));
  }
  return writer;
}

}  // namespace lingula::cli
