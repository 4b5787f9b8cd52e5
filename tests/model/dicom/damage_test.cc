// Cut, flipped and hostile files: refused or read, never a crash, a print or much memory.
#include <algorithm>
#include <string>

#include <dcmtk/dcmdata/dcdeftag.h>
#include <gmock/gmock.h>
#include <zlib.h>
#include <opencv2/core.hpp>

#include "model/dicom/dicom_picture.h"
#include "tests/support/fake_dicom.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using absl::StatusCode;
using test::FakeDicom;
using test::IsOk;
using test::StatusIs;

cv::Mat Noise(int rows, int columns) {
  cv::Mat samples(rows, columns, CV_16UC1);
  uint32_t noise = 1;
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) {
      noise = noise * 1664525 + 1013904223;
      samples.ptr<uint16_t>(y)[x] = static_cast<uint16_t>(noise >> 20);
    }
  }
  return samples;
}

constexpr E_TransferSyntax kSyntaxes[] = {
    EXS_LittleEndianImplicit, EXS_LittleEndianExplicit,
    EXS_BigEndianExplicit,    EXS_DeflatedLittleEndianExplicit,
    EXS_JPEGProcess14SV1,     EXS_JPEGLSLossless,
    EXS_RLELossless};

std::vector<std::string> Files(int rows, int columns) {
  std::vector<std::string> files;
  for (const E_TransferSyntax syntax : kSyntaxes) {
    files.push_back(
        FakeDicom(Noise(rows, columns)).Put(DCM_PatientName, "MARKER^NAME").Write(syntax));
  }
  files.push_back(
      FakeDicom(Noise(rows, columns))
          .WriteCompressed("1.2.840.10008.1.2.4.90", test::Jpeg2000Of(Noise(rows, columns))));
  return files;
}

TEST(DamageTest, FilesCutAtEachKilobyteAreRefused) {
  testing::internal::CaptureStderr();
  const std::vector<std::string> files = Files(90, 70);
  for (const std::string& file : files) {
    EXPECT_THAT(DecodeDicom(file, {}).status(), IsOk());
    // The last bytes may be padding or a delimiter.
    for (size_t bytes = 0; bytes + 64 < file.size(); bytes += bytes < 2048 ? 7 : 1024) {
      const auto read = DecodeDicom(file.substr(0, bytes), {});
      ASSERT_FALSE(read.ok()) << bytes << " of " << file.size();
      const StatusCode code = read.status().code();
      // A file that ends before its pixels looks like one without.
      EXPECT_TRUE(code == StatusCode::kInvalidArgument || code == StatusCode::kFailedPrecondition)
          << read.status();
      EXPECT_THAT(std::string(read.status().message()), testing::Not(testing::HasSubstr("MARKER")));
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(DamageTest, NoFlippedBitCrashesOrPrintsOrQuotes) {
  testing::internal::CaptureStderr();
  PixelLimits limits;
  limits.max_pixels = 1 << 16;
  for (const std::string& file : Files(20, 24)) {
    const size_t step = std::max<size_t>(1, file.size() / 600);
    for (size_t at = 0; at < file.size(); at += step) {
      for (const int bit : {0, 3, 7}) {
        std::string flipped = file;
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
        const auto read = DecodeDicom(flipped, {1, 0, limits});
        if (read.ok()) {
          EXPECT_FALSE(read->picture.pixels.empty());
        } else {
          EXPECT_NE(read.status().code(), StatusCode::kInternal) << read.status();
          EXPECT_THAT(std::string(read.status().message()),
                      testing::Not(testing::HasSubstr("MARKER")));
        }
      }
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(DamageTest, AMarkerWithoutALengthDoesNotHoldTheDecoderUp) {
  const std::string file = FakeDicom(Noise(20, 24)).Write(EXS_JPEGProcess14SV1);
  const size_t start = file.find("\xff\xd8\xff");
  ASSERT_NE(start, std::string::npos);
  const size_t end = file.find("\xff\xd9", start);
  const std::string stream = file.substr(start, end + 2 - start);
  for (const char* marker : {"\x01", "\xd0", "\xd8", "\x30"}) {
    FakeDicom dicom(Noise(20, 24));
    const std::string damaged =
        stream.substr(0, 2) + "\xff" + marker + std::string("\0\x04  ", 4) + stream.substr(2);
    EXPECT_THAT(DecodeDicom(dicom.WriteCompressed("1.2.840.10008.1.2.4.70", damaged), {}),
                StatusIs(StatusCode::kInvalidArgument));
  }
}

// A Part 10 file whose data set is `inflated`, deflated.
std::string Deflated(const std::string& inflated) {
  const std::string whole =
      FakeDicom(cv::Mat(2, 2, CV_8UC1)).Write(EXS_DeflatedLittleEndianExplicit);
  const size_t meta =
      132 + 12 + static_cast<uint8_t>(whole[140]) + 256 * static_cast<uint8_t>(whole[141]);
  std::string body(compressBound(inflated.size()), '\0');
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(inflated.data()));
  stream.avail_in = static_cast<uInt>(inflated.size());
  stream.next_out = reinterpret_cast<Bytef*>(body.data());
  stream.avail_out = static_cast<uInt>(body.size());
  deflate(&stream, Z_FINISH);
  body.resize(stream.total_out);
  deflateEnd(&stream);
  return whole.substr(0, meta) + body;
}

TEST(DamageTest, ADeflatedBombIsRefusedWithoutInflatingIt) {
  // A private value of 200 MB of zeros: 200 kB in the file.
  std::string bomb("\x09\0\x01\x10OB\0\0", 8);
  constexpr uint32_t kBytes = 200'000'000;
  for (int i = 0; i < 4; ++i) {
    bomb.push_back(static_cast<char>(kBytes >> (8 * i)));
  }
  bomb.resize(bomb.size() + kBytes);
  const std::string file = Deflated(bomb);
  EXPECT_LT(file.size(), 300'000U);
  EXPECT_THAT(DecodeDicom(file, {}), StatusIs(StatusCode::kOutOfRange));
}

TEST(DamageTest, Jpeg2000CutIntoTooManyTilesIsRefused) {
  const std::string whole = test::Jpeg2000Of(Noise(80, 80));
  // XTsiz and YTsiz lie 24 bytes into the stream.
  const auto with_tiles = [&](const std::string& size) {
    std::string stream = whole;
    stream.replace(24, 8, size + size);
    FakeDicom dicom(Noise(80, 80));
    return DecodeDicom(dicom.WriteCompressed("1.2.840.10008.1.2.4.90", stream), {});
  };
  EXPECT_THAT(with_tiles(std::string("\0\0\0\x50", 4)), IsOk());
  EXPECT_THAT(with_tiles(std::string("\0\0\0\x28", 4)), StatusIs(StatusCode::kInvalidArgument))
      << "three of four tiles are missing";
  EXPECT_THAT(with_tiles(std::string("\0\0\0\x01", 4)), StatusIs(StatusCode::kOutOfRange));
}

}  // namespace
}  // namespace lingula
