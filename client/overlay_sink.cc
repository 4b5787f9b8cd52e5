#include "client/overlay_sink.h"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <opencv2/core/mat.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/video_file.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/image/jpeg_file.h"
#include "model/image/mask.h"
#include "model/image/pixels.h"

namespace lingula::cli {

struct OverlaySink::Drawing {
  cv::Mat bgr;  // CV_8UC3
};

namespace {

constexpr double kUsualFps = 25;
constexpr int kJpegQuality = 90;

absl::StatusOr<cv::Mat> PixelsOf(const v1::Image& image) {
  if (image.has_encoded()) {
    LINGULA_ASSIGN_OR_RETURN(const Picture picture, DecodeImage(image.encoded(), 3, PixelLimits()));
    return picture.pixels;
  }
  RawPixels raw;
  raw.width = image.raw().width();
  raw.height = image.raw().height();
  raw.format = PixelFormat::kBgr8;
  raw.data = image.raw().data();
  LINGULA_ASSIGN_OR_RETURN(const Picture picture, TakePixels(raw, 3, PixelLimits()));
  return picture.pixels;
}

// Nothing in it when the frame has no mask.
absl::StatusOr<cv::Mat> MaskOf(const v1::SegmentStreamResponse& answer, cv::Size size) {
  for (const v1::Mask& mask : answer.result().masks()) {
    if (mask.has_coco_rle()) {
      return DecodeCocoRle(mask.coco_rle().counts(), static_cast<int>(mask.coco_rle().height()),
                           static_cast<int>(mask.coco_rle().width()));
    }
  }
  return cv::Mat(size, CV_8UC1, cv::Scalar(0));
}

class FolderSink final : public OverlaySink {
 public:
  explicit FolderSink(std::string folder) : folder_(std::move(folder)) {}

 protected:
  absl::Status Put(uint64_t number, const Drawing& drawing) override {
    LINGULA_ASSIGN_OR_RETURN(const std::string file, EncodeJpeg(drawing.bgr, kJpegQuality));
    return WriteFile(absl::StrFormat("%s/%06d.overlay.jpg", folder_, number), file);
  }

 private:
  const std::string folder_;
};

class JpegSink final : public OverlaySink {
 public:
  JpegSink(std::string path, std::ofstream file) : path_(std::move(path)), file_(std::move(file)) {}

 protected:
  absl::Status Put(uint64_t /*number*/, const Drawing& drawing) override {
    LINGULA_ASSIGN_OR_RETURN(const std::string file, EncodeJpeg(drawing.bgr, kJpegQuality));
    file_ << file << std::flush;
    return file_ ? absl::OkStatus()
                 : absl::PermissionDeniedError(absl::StrCat(path_, ": cannot write to this file"));
  }

 private:
  const std::string path_;
  std::ofstream file_;
};

class VideoSink final : public OverlaySink {
 public:
  VideoSink(std::string path, double fps)
      : path_(std::move(path)), fps_(fps > 0 ? fps : kUsualFps) {}

 protected:
  absl::Status Put(uint64_t /*number*/, const Drawing& drawing) override {
    if (writer_ == nullptr) {
      size_ = drawing.bgr.size();
      LINGULA_ASSIGN_OR_RETURN(writer_, CreateVideo(path_, fps_, size_.width, size_.height));
    }
    if (drawing.bgr.size() != size_) {
      return absl::InvalidArgumentError(absl::StrCat(
          path_, ": a video holds frames of one size, ", size_.width, " x ", size_.height, ", got ",
          drawing.bgr.cols, " x ", drawing.bgr.rows, "; write to a folder instead"));
    }
    writer_->Write(drawing.bgr.data, drawing.bgr.step);
    return absl::OkStatus();
  }

 private:
  const std::string path_;
  const double fps_;
  cv::Size size_;
  std::unique_ptr<VideoWriter> writer_;
};

}  // namespace

absl::Status OverlaySink::Write(const v1::Image& image, const v1::SegmentStreamResponse& answer) {
  LINGULA_ASSIGN_OR_RETURN(const cv::Mat pixels, PixelsOf(image));
  LINGULA_ASSIGN_OR_RETURN(const cv::Mat mask, MaskOf(answer, pixels.size()));
  LINGULA_ASSIGN_OR_RETURN(const cv::Mat drawn, DrawOverlay(pixels, mask));
  return Put(answer.frame_number(), {drawn});
}

absl::StatusOr<std::unique_ptr<OverlaySink>> OpenSink(const std::string& path, double fps) {
  const bool avi = absl::EndsWithIgnoreCase(path, ".avi");
  if (avi || absl::EndsWithIgnoreCase(path, ".mjpeg") || absl::EndsWithIgnoreCase(path, ".mjpg")) {
    // A video is written from its first frame on, but should not be refused only then.
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    if (!file) {
      return absl::PermissionDeniedError(absl::StrCat(path, ": cannot write this file"));
    }
    if (avi) {
      return std::make_unique<VideoSink>(path, fps);
    }
    return std::make_unique<JpegSink>(path, std::move(file));
  }
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return absl::PermissionDeniedError(
        absl::StrCat(path, ": cannot make this folder: ", error.message()));
  }
  return std::make_unique<FolderSink>(path);
}

}  // namespace lingula::cli
