// Pictures and files for tests and benchmarks, made by formulas: nobody's X-ray.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <cstdio>  // jpeglib.h needs it

#include <jpeglib.h>

#include <opencv2/core.hpp>

namespace lingula::test {

// Two dark lungs in a brighter chest with some noise: compresses about as well as a real X-ray.
inline cv::Mat FakeXray(int width, int height) {
  cv::Mat picture(height, width, CV_8UC1);
  uint32_t noise = 1;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double u = (x + 0.5) / width - 0.5;
      const double v = (y + 0.5) / height - 0.5;
      const double lung = std::exp(-40 * (std::abs(u) - 0.2) * (std::abs(u) - 0.2) - 8 * v * v);
      noise = noise * 1664525 + 1013904223;
      picture.at<uint8_t>(y, x) =
          static_cast<uint8_t>(60 + 130 * (1 - lung) + 10 * std::sin(40 * v) + (noise >> 29));
    }
  }
  return picture;
}

// A smooth blob of probabilities in [0, 1], [side, side].
inline std::vector<float> FakeProbabilities(int side) {
  std::vector<float> values;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const double u = (x + 0.5) / side - 0.3;
      const double v = (y + 0.5) / side - 0.6;
      values.push_back(static_cast<float>(1 / (1 + std::exp(-6 + 200 * (u * u + v * v)))));
    }
  }
  return values;
}

// A JPEG file of a CV_8UC1 or CV_8UC3 (BGR) picture.
inline std::string MakeJpeg(const cv::Mat& picture, int quality = 90, bool progressive = false) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int): libjpeg's type
  jpeg_mem_dest(&jpeg, &bytes, &size);
  jpeg.image_width = picture.cols;
  jpeg.image_height = picture.rows;
  jpeg.input_components = picture.channels();
  jpeg.in_color_space = picture.channels() == 1 ? JCS_GRAYSCALE : JCS_EXT_BGR;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  if (progressive) {
    jpeg_simple_progression(&jpeg);
  }
  jpeg_start_compress(&jpeg, TRUE);
  for (int y = 0; y < picture.rows; ++y) {
    auto* row = const_cast<uint8_t*>(picture.ptr<uint8_t>(y));
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  std::string file(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  return file;
}

}  // namespace lingula::test
