#include <cstring>

#include <zlib.h>
#include <opencv2/imgcodecs.hpp>

#include "model/image/pixels.h"
#include "model/image/png_file.h"
#include "tests/fuzz/target.h"

namespace lingula::fuzz {
namespace {

constexpr PixelLimits kLimits{1 << 14};
constexpr size_t kPngSignatureBytes = 8;

cv::Mat Gradient(int type) {
  cv::Mat picture(9, 13, type);
  for (int y = 0; y < picture.rows; ++y) {
    for (size_t i = 0; i < picture.cols * picture.elemSize(); ++i) {
      picture.ptr(y)[i] = static_cast<uint8_t>(i * 7 + y * 31);
    }
  }
  return picture;
}

uint32_t BigEndian(const uint8_t* at) {
  return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3];
}

// Gives each chunk of a PNG file the checksum that its bytes have, so that mutation reaches what
// stands behind the check.
std::string WithChecksums(absl::string_view file) {
  std::string mended(file);
  auto* bytes = reinterpret_cast<uint8_t*>(mended.data());
  for (size_t at = kPngSignatureBytes; at + 12 <= mended.size();) {
    const uint32_t length = BigEndian(bytes + at);
    if (length > mended.size() - at - 12) {
      break;
    }
    const auto sum = static_cast<uint32_t>(crc32(0, bytes + at + 4, length + 4));
    for (int i = 0; i < 4; ++i) {
      bytes[at + 8 + length + i] = static_cast<uint8_t>(sum >> (24 - 8 * i));
    }
    at += 12 + size_t{length};
  }
  return mended;
}

bool Decode(absl::string_view file) {
  bool accepted = false;
  const auto header = ReadImageHeader(file);
  for (const int channels : {1, 3}) {
    const auto picture = DecodeImage(file, channels, kLimits);
    if (picture.ok()) {
      Require(header.ok() && picture->pixels.cols == header->width &&
                  picture->pixels.rows == header->height,
              "a picture has the size that its header says");
      Require(picture->pixels.channels() == channels, "a picture has the channels asked for");
      Require(picture->pixels.total() <= static_cast<size_t>(kLimits.max_pixels),
              "a picture is within the limits");
    } else {
      Require(picture.status().code() != absl::StatusCode::kInternal, "bytes are no inner error");
      RequireMessage(picture.status().message());
    }
    accepted = picture.ok();
  }
  return accepted;
}

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  for (const int type : {CV_8UC1, CV_16UC1, CV_8UC3, CV_16UC3}) {
    seeds.push_back(EncodePng(Gradient(type), PngEffort::kPhoto).value());
  }
  for (const int type : {CV_8UC1, CV_8UC3}) {
    for (const int progressive : {0, 1}) {
      std::vector<uint8_t> bytes;
      cv::imencode(".jpg", Gradient(type), bytes, {cv::IMWRITE_JPEG_PROGRESSIVE, progressive});
      seeds.emplace_back(bytes.begin(), bytes.end());
    }
  }
  seeds.insert(seeds.end(), {"", "GIF89a", "II*", std::string(140, '\0')});
  return seeds;
}

bool Accepts(absl::string_view input) {
  const bool accepted = Decode(input);
  const std::string mended = WithChecksums(input);
  return (mended != input && Decode(mended)) || accepted;
}

}  // namespace lingula::fuzz
