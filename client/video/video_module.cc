// The home of OpenCV's video reader and writer.
#include "client/video/video_module.h"

#include <cstdlib>

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/videoio.hpp>

namespace lingula::cli {
namespace {

class Reader final : public VideoReader {
 public:
  explicit Reader(const std::string& path) : capture_(path) {}
  bool is_open() const { return capture_.isOpened(); }

  bool Next(std::string& bgr, int& width_px, int& height_px) override {
    cv::Mat picture;
    if (!capture_.read(picture) || picture.type() != CV_8UC3) {
      return false;
    }
    if (!picture.isContinuous()) {
      picture = picture.clone();
    }
    bgr.assign(reinterpret_cast<const char*>(picture.data), picture.total() * picture.elemSize());
    width_px = picture.cols;
    height_px = picture.rows;
    return true;
  }
  double fps() const override { return capture_.get(cv::CAP_PROP_FPS); }

 private:
  cv::VideoCapture capture_;
};

class Writer final : public VideoWriter {
 public:
  Writer(const std::string& path, double fps, cv::Size size)
      : size_(size),
        writer_(path, cv::CAP_OPENCV_MJPEG, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), fps,
                size) {}
  bool is_open() const { return writer_.isOpened(); }

  void Write(const unsigned char* bgr, size_t stride_bytes) override {
    writer_.write(cv::Mat(size_, CV_8UC3, const_cast<unsigned char*>(bgr), stride_bytes));
  }

 private:
  const cv::Size size_;
  cv::VideoWriter writer_;
};

// OpenCV's exceptions end here: null then.
std::unique_ptr<VideoReader> OpenReader(const std::string& path) {
  try {
    auto reader = std::make_unique<Reader>(path);
    return reader->is_open() ? std::move(reader) : nullptr;
  } catch (const cv::Exception&) {
    return nullptr;
  }
}

std::unique_ptr<VideoWriter> OpenWriter(const std::string& path, double fps, int width_px,
                                        int height_px) {
  try {
    auto writer = std::make_unique<Writer>(path, fps, cv::Size(width_px, height_px));
    return writer->is_open() ? std::move(writer) : nullptr;
  } catch (const cv::Exception&) {
    return nullptr;
  }
}

}  // namespace
}  // namespace lingula::cli

extern "C" const lingula::cli::VideoModule* LingulaVideoModule() {
  // What they have to say is said by the command line, in fewer words. -8: FFmpeg's "quiet".
  setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", /*overwrite=*/0);
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  static const lingula::cli::VideoModule module{lingula::cli::OpenReader, lingula::cli::OpenWriter};
  return &module;
}
