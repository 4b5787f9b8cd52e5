#include "model/dicom/dicom_seg_pixels.h"

#include <cstdint>
#include <cstring>

#include "model/image/mask_bytes.h"

namespace lingula {
namespace {

constexpr size_t kLanes = 8;

// Eight pixels of 0 or 255 to a byte: of each the bit that stands where the product gathers it.
unsigned char Gather(const unsigned char* pixels) {
  uint64_t eight = 0;
  std::memcpy(&eight, pixels, kLanes);  // little-endian: the first pixel is the lowest byte
  return static_cast<unsigned char>((eight & 0x0101010101010101U) * 0x0102040810204080U >> 56);
}

size_t Even(size_t bytes) {
  return bytes + bytes % 2;
}

}  // namespace

std::string BinaryPixels(const cv::Mat& mask) {
  const cv::Mat whole = mask.isContinuous() ? mask : mask.clone();
  const auto* pixel = whole.ptr<unsigned char>();
  const size_t count = whole.total();
  std::string bits(Even((count + kLanes - 1) / kLanes), '\0');
  const size_t full = count / kLanes;
  for (size_t i = 0; i < full; ++i) {
    bits[i] = static_cast<char>(Gather(pixel + i * kLanes));
  }
  for (size_t i = full * kLanes; i < count; ++i) {
    bits[full] = static_cast<char>(bits[full] | (pixel[i] & 1) << (i % kLanes));
  }
  return bits;
}

std::string FractionalPixels(const cv::Mat& probabilities) {
  std::string bytes = ProbabilityBytes(probabilities);
  bytes.resize(Even(bytes.size()));
  return bytes;
}

}  // namespace lingula
