#include <string>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "model/image/pixels.h"
#include "model/image/png_file.h"
#include "tests/model/image/synthetic.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;
using namespace std::string_literals;  // NOLINT

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kUnimplemented = absl::StatusCode::kUnimplemented;

std::string Png(int width, int height) {
  return *EncodePng(cv::Mat::zeros(height, width, CV_8UC1), PngEffort::kFlat);
}

TEST(ImageHeaderTest, ReadsKindAndSize) {
  const auto png = ReadImageHeader(Png(31, 17));
  ASSERT_THAT(png, IsOk());
  EXPECT_EQ(png->format, ImageFormat::kPng);
  EXPECT_EQ(png->width, 31);
  EXPECT_EQ(png->height, 17);
  for (const bool progressive : {false, true}) {
    const auto jpeg = ReadImageHeader(test::MakeJpeg(test::FakeXray(50, 40), 90, progressive));
    ASSERT_THAT(jpeg, IsOk());
    EXPECT_EQ(jpeg->format, ImageFormat::kJpeg);
    EXPECT_EQ(jpeg->width, 50);
    EXPECT_EQ(jpeg->height, 40);
  }
}

TEST(ImageHeaderTest, StepsOverSegmentsAndFillBytes) {
  std::string file = test::MakeJpeg(test::FakeXray(50, 40));
  // A thumbnail's own start, frame and end inside an APP1 segment must not be taken for the
  // picture's.
  const std::string decoy = "\xff\xd8\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\xff\xd9"s;
  const std::string app1 = "\xff\xff\xff\xe1"s + '\0' + static_cast<char>(decoy.size() + 2) + decoy;
  file.insert(2, app1);
  const auto header = ReadImageHeader(file);
  ASSERT_THAT(header, IsOk());
  EXPECT_EQ(header->width, 50);
}

TEST(ImageHeaderTest, EveryPrefixOfAHeaderIsRefused) {
  for (const std::string& file : {Png(8, 8), test::MakeJpeg(test::FakeXray(8, 8))}) {
    size_t bytes = 0;
    for (; !ReadImageHeader(file.substr(0, bytes)).ok(); ++bytes) {
      EXPECT_THAT(ReadImageHeader(file.substr(0, bytes)), StatusIs(kInvalid)) << bytes;
    }
    EXPECT_GT(bytes, 20);
  }
}

struct Kind {
  const char* name;
  std::string bytes;
};

TEST(ImageHeaderTest, NamesKnownKindsThatItCannotRead) {
  const Kind kinds[] = {
      {"GIF", "GIF89a\x01\0\x01\0"s},
      {"BMP", "BM\x46\0\0\0"s},
      {"TIFF", "II*\0\x08\0\0\0"s},
      {"TIFF", "MM\0*\0\0\0\x08"s},
      {"WebP", "RIFF\x10\0\0\0WEBPVP8 "s},
      {"JPEG 2000", "\0\0\0\x0cjP  \r\n\x87\n"s},
      {"JPEG 2000", "\xff\x4f\xff\x51\0\x29"s},
      {"JPEG-LS", "\xff\xd8\xff\xf7\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0"s},
      {"PDF", "%PDF-1.7\n"},
      {"DICOM", std::string(128, '\0') + "DICM"},
  };
  for (const Kind& kind : kinds) {
    EXPECT_THAT(ReadImageHeader(kind.bytes), StatusIs(kUnimplemented, HasSubstr(kind.name)));
  }
}

TEST(ImageHeaderTest, NamesKindsOfJpegThatItCannotRead) {
  const auto frame = [](char marker, char precision, char components) {
    return "\xff\xd8\xff"s + marker + "\0\x11"s + precision + "\0\x10\0\x10"s + components +
           std::string(9, '\x11');
  };
  EXPECT_THAT(ReadImageHeader(frame('\xc0', 8, 3)), IsOk());
  EXPECT_THAT(ReadImageHeader(frame('\xc1', 12, 1)),
              StatusIs(kUnimplemented, HasSubstr("12 bits")));
  EXPECT_THAT(ReadImageHeader(frame('\xc0', 8, 4)), StatusIs(kUnimplemented, HasSubstr("4 comp")));
  EXPECT_THAT(ReadImageHeader(frame('\xc3', 8, 1)),
              StatusIs(kUnimplemented, HasSubstr("lossless")));
  EXPECT_THAT(ReadImageHeader(frame('\xc0', 8, 0)), StatusIs(kInvalid));
}

TEST(ImageHeaderTest, RefusesNonsense) {
  EXPECT_THAT(ReadImageHeader(""), StatusIs(kInvalid, HasSubstr("empty")));
  EXPECT_THAT(ReadImageHeader("hello, this is no image"), StatusIs(kInvalid, HasSubstr("PNG")));
  EXPECT_THAT(ReadImageHeader("\xff\xd8\xff\xd9"), StatusIs(kInvalid));               // start, end
  EXPECT_THAT(ReadImageHeader("\xff\xd8\xff\xe0\0\0\xff\xe0"s), StatusIs(kInvalid));  // length 0
  std::string no_width = Png(8, 8);
  no_width[19] = '\0';
  EXPECT_THAT(ReadImageHeader(no_width), StatusIs(kInvalid, HasSubstr("width 0")));
  std::string huge = Png(8, 8);
  huge[16] = '\xff';
  EXPECT_THAT(ReadImageHeader(huge), StatusIs(kInvalid));
}

}  // namespace
}  // namespace lingula
