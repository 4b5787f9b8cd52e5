#include "model/image/mask_bytes.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace lingula {
namespace {

// In this order a NaN becomes 0.
float Clamped(float p) {
  return std::min(1.0F, std::max(0.0F, p));
}

}  // namespace

std::string PackBits(const cv::Mat& mask) {
  const size_t row_bytes = (static_cast<size_t>(mask.cols) + 7) / 8;
  std::string bytes(row_bytes * mask.rows, '\0');
  for (int y = 0; y < mask.rows; ++y) {
    const uint8_t* row = mask.ptr<uint8_t>(y);
    char* out = &bytes[row_bytes * y];
    for (int x = 0; x < mask.cols; ++x) {
      out[x / 8] = static_cast<char>(out[x / 8] | (row[x] != 0 ? 0x80 >> (x % 8) : 0));
    }
  }
  return bytes;
}

std::string LabelBytes(const cv::Mat& mask) {
  std::string bytes(mask.total(), '\0');
  char* out = bytes.data();
  for (int y = 0; y < mask.rows; ++y) {
    const uint8_t* row = mask.ptr<uint8_t>(y);
    out = std::transform(row, row + mask.cols, out,
                         [](uint8_t pixel) { return static_cast<char>(pixel != 0); });
  }
  return bytes;
}

std::string ProbabilityBytes(const cv::Mat& probabilities) {
  std::string bytes(probabilities.total(), '\0');
  char* out = bytes.data();
  for (int y = 0; y < probabilities.rows; ++y) {
    const float* row = probabilities.ptr<float>(y);
    out = std::transform(row, row + probabilities.cols, out, [](float p) {
      return static_cast<char>(static_cast<uint8_t>(Clamped(p) * 255 + 0.5F));
    });
  }
  return bytes;
}

std::string ProbabilityFloats(const cv::Mat& probabilities) {
  std::string bytes(probabilities.total() * sizeof(float), '\0');
  char* out = bytes.data();
  for (int y = 0; y < probabilities.rows; ++y) {
    const float* row = probabilities.ptr<float>(y);
    for (int x = 0; x < probabilities.cols; ++x, out += sizeof(float)) {
      const float p = Clamped(row[x]);
      std::memcpy(out, &p, sizeof(p));  // our machines are little-endian
    }
  }
  return bytes;
}

}  // namespace lingula
