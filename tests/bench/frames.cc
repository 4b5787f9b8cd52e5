#include "tests/bench/frames.h"

#include <cmath>
#include <cstdint>

#include <opencv2/core.hpp>

#include "tests/model/image/synthetic.h"

namespace lingula::bench {
namespace {

constexpr double kTurn = 6.283185307179586;

// Frame `index` of a loop of `count`. BGR.
cv::Mat DrawFrame(int index, int count, int width_px, int height_px) {
  const double turn = kTurn * index / count;
  const double polyp_u = 0.15 * std::cos(turn), polyp_v = 0.1 * std::sin(turn);
  auto noise = static_cast<uint32_t>(index + 1);
  cv::Mat frame(height_px, width_px, CV_8UC3);
  for (int y = 0; y < height_px; ++y) {
    for (int x = 0; x < width_px; ++x) {
      const double u = (x + 0.5) / width_px - 0.5;
      const double v = (y + 0.5) / height_px - 0.5;
      const double light = std::exp(-4 * (u * u + v * v));
      const double fold = std::sin(30 * std::hypot(u - 0.2, v + 0.1) + turn);
      const double du = u - polyp_u, dv = v - polyp_v;
      const double polyp = std::exp(-120 * (du * du + dv * dv));
      noise = noise * 1664525 + 1013904223;
      const double grain = static_cast<double>(noise >> 28);
      frame.at<cv::Vec3b>(y, x) =
          cv::Vec3b(cv::saturate_cast<uint8_t>(light * (50 + 12 * fold + 60 * polyp) + grain),
                    cv::saturate_cast<uint8_t>(light * (80 + 18 * fold + 50 * polyp) + grain),
                    cv::saturate_cast<uint8_t>(light * (190 + 20 * fold + 30 * polyp) + grain));
    }
  }
  return frame;
}

}  // namespace

std::vector<v1::Image> JpegFrames(int count, int width_px, int height_px) {
  std::vector<v1::Image> frames(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    frames[static_cast<size_t>(i)].set_encoded(
        test::MakeJpeg(DrawFrame(i, count, width_px, height_px)));
  }
  return frames;
}

std::vector<v1::Image> RawFrames(int count, int side_px) {
  std::vector<v1::Image> frames(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    const cv::Mat pixels = DrawFrame(i, count, side_px, side_px);
    v1::RawImage& raw = *frames[static_cast<size_t>(i)].mutable_raw();
    raw.set_width(static_cast<unsigned>(side_px));
    raw.set_height(static_cast<unsigned>(side_px));
    raw.set_format(v1::PIXEL_FORMAT_BGR8);
    raw.set_data(pixels.data, pixels.total() * pixels.elemSize());
  }
  return frames;
}

}  // namespace lingula::bench
