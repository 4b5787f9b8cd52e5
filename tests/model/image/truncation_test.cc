// Cut, damaged and hostile bodies. Half a picture must never pass for a picture.
#include <string>

#include <gmock/gmock.h>

#include "model/image/pixels.h"
#include "model/image/png_file.h"
#include "tests/model/image/synthetic.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

struct Case {
  const char* name;
  std::string file;
};

class BodyTest : public testing::TestWithParam<Case> {};

TEST_P(BodyTest, WholeFileIsTakenAndSoAreBytesBehindIt) {
  EXPECT_THAT(DecodeImage(GetParam().file, 1, {}), IsOk());
  EXPECT_THAT(DecodeImage(GetParam().file + "trailing", 1, {}), IsOk());
}

TEST_P(BodyTest, EveryTruncationIsRefusedInSilence) {
  const std::string& file = GetParam().file;
  testing::internal::CaptureStderr();
  for (size_t bytes = 0; bytes < file.size(); ++bytes) {
    EXPECT_THAT(DecodeImage(file.substr(0, bytes), 1, {}), StatusIs(kInvalid))
        << bytes << " of " << file.size();
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");  // logs are JSON lines
}

TEST_P(BodyTest, ZeroedTailIsRefused) {
  std::string file = GetParam().file;
  const size_t from = file.size() * 3 / 4;
  file.replace(from, file.size() - from, file.size() - from, '\0');
  EXPECT_THAT(DecodeImage(file, 1, {}), StatusIs(kInvalid));
}

TEST_P(BodyTest, NoFlippedByteCrashesOrPrints) {
  testing::internal::CaptureStderr();
  for (size_t at = 0; at < GetParam().file.size(); ++at) {
    std::string file = GetParam().file;
    file[at] = static_cast<char>(~file[at]);
    PixelLimits limits;
    limits.max_pixels = 1 << 20;
    const auto picture = DecodeImage(file, 1, limits);
    if (picture.ok()) {
      EXPECT_FALSE(picture->pixels.empty());
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

INSTANTIATE_TEST_SUITE_P(
    All, BodyTest,
    testing::Values(Case{"png", *EncodePng(test::FakeXray(40, 30), PngEffort::kPhoto)},
                    Case{"baseline", test::MakeJpeg(test::FakeXray(80, 60))},
                    Case{"progressive", test::MakeJpeg(test::FakeXray(80, 60), 90, true)}),
    [](const auto& test_case) { return std::string(test_case.param.name); });

TEST(JpegTest, EndMarkerDoesNotHideThatTheBodyIsCut) {
  const std::string file = test::MakeJpeg(test::FakeXray(80, 60));
  for (size_t share = 5; share < 10; ++share) {
    const std::string cut = file.substr(0, file.size() * share / 10) + "\xff\xd9";
    EXPECT_THAT(DecodeImage(cut, 1, {}), StatusIs(kInvalid)) << share;
  }
}

TEST(JpegTest, RefusesMoreScansThanAnEncoderWrites) {
  const std::string file = test::MakeJpeg(test::FakeXray(80, 60), 90, true);
  const size_t scan = file.rfind("\xff\xda");
  std::string bomb = file.substr(0, file.size() - 2);
  for (int i = 0; i < 1000; ++i) {
    bomb += file.substr(scan, file.size() - 2 - scan);
  }
  EXPECT_THAT(DecodeImage(bomb + "\xff\xd9", 1, {}), StatusIs(kInvalid));
}

TEST(PngTest, WrongChecksumIsRefused) {
  std::string file = *EncodePng(test::FakeXray(40, 30), PngEffort::kPhoto);
  file[60] = static_cast<char>(~file[60]);
  EXPECT_THAT(DecodeImage(file, 1, {}), StatusIs(kInvalid, testing::HasSubstr("damaged")));
}

}  // namespace
}  // namespace lingula
