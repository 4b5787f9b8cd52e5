#include <opencv2/core.hpp>

#include "model/image/mask.h"
#include "tests/fuzz/target.h"

namespace lingula::fuzz {

constexpr size_t kSizeBytes = 8;  // height and width, little-endian, before the counts

std::vector<std::string> Seeds() {
  const auto sized = [](const std::string& counts, char height, char width) {
    return std::string{height, 0, 0, 0, width, 0, 0, 0} + counts;
  };
  cv::Mat mask(5, 7, CV_8UC1, cv::Scalar(0));
  mask(cv::Rect(2, 1, 3, 3)).setTo(255);
  return {sized(EncodeCocoRle(mask), 5, 7), sized(EncodeCocoRle(~mask), 5, 7),
          sized("0000000P", 1, 1), sized("o0oo", 127, 127), sized("oooooooooooooo", 9, 9),
          // One run that fills all of 2^31 - 1 times 2^12 pixels.
          std::string("\xff\xff\xff\x7f\0\x10\0\0", 8) + "PPlooooo7", sized("", 0, 0),
          std::string("\xff\xff\xff\x7f\xff\xff\xff\x7f", 8) + "ooooooooO", ""};
}

bool Accepts(absl::string_view input) {
  if (input.size() < kSizeBytes) {
    return false;
  }
  const auto number = [input](size_t at) {
    uint32_t value = 0;
    for (size_t i = 4; i-- > 0;) {
      value = value << 8 | static_cast<uint8_t>(input[at + i]);
    }
    return static_cast<int>(value);
  };
  const std::string counts(input.substr(kSizeBytes));
  const auto mask = DecodeCocoRle(counts, number(0), number(4));
  if (mask.ok()) {
    const auto again = DecodeCocoRle(EncodeCocoRle(*mask), number(0), number(4));
    Require(again.ok() && cv::countNonZero(*again != *mask) == 0, "a mask survives a trip");
  } else {
    RequireMessage(mask.status().message());
  }
  return mask.ok();
}

}  // namespace lingula::fuzz
