#include "client/jpeg_splitter.h"

#include <fstream>
#include <iterator>
#include <vector>

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace lingula::cli {
namespace {

using namespace std::string_literals;  // NOLINT: literals with zero bytes
using testing::ElementsAre;
using testing::IsEmpty;

constexpr size_t kLimit = 1 << 20;

// Start, a segment that holds a whole thumbnail, a scan with a stuffed byte and a restart, end.
const std::string& Small() {
  static const auto& small =
      *new std::string("\xff\xd8\xff\xe0\x00\x08\xff\xd8\xff\xd9zz"s + "\xff\xda\x00\x03q"s +
                       "ab\xff\x00"s + "c\xff\xd3"s + "d\xff\xff\xd9"s);
  return small;
}

std::string Photo() {
  std::ifstream file("tests/testdata/endoscopy/polypgen_c2_001221.jpg", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Feeds `bytes` in pieces and returns all pictures.
std::vector<std::string> Split(const std::string& bytes, size_t piece) {
  JpegSplitter splitter(kLimit);
  std::vector<std::string> pictures;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    splitter.Add(bytes.substr(at, piece));
    for (;;) {
      const auto next = splitter.Next();
      EXPECT_THAT(next, test::IsOk());
      if (!next.ok() || !next->has_value()) {
        break;
      }
      pictures.push_back(**next);
    }
  }
  EXPECT_FALSE(splitter.HasPart());
  return pictures;
}

class PieceTest : public testing::TestWithParam<size_t> {};

TEST_P(PieceTest, CutsPicturesApartHoweverTheyArrive) {
  EXPECT_THAT(Split(Small() + Small() + Small(), GetParam()),
              ElementsAre(Small(), Small(), Small()));
}

TEST_P(PieceTest, SkipsWhatLiesBetweenThem) {
  EXPECT_THAT(Split("\r\n--frame\r\nContent-Length: 9\r\n\r\n" + Small() + "\r\n--frame\r\n\xff" +
                        Small() + "\r\n",
                    GetParam()),
              ElementsAre(Small(), Small()));
}

INSTANTIATE_TEST_SUITE_P(Sizes, PieceTest, testing::Values(1, 2, 3, 5, 7, 1000));

TEST(JpegSplitter, TakesPhotographs) {
  EXPECT_THAT(Split(Photo() + Photo(), 1000), ElementsAre(Photo(), Photo()));
}

TEST(JpegSplitter, KnowsThatAPictureIsNotWhole) {
  JpegSplitter splitter(kLimit);
  splitter.Add(Small().substr(0, 12));
  EXPECT_EQ(*splitter.Next(), std::nullopt);
  EXPECT_TRUE(splitter.HasPart());
}

TEST(JpegSplitter, NoiseIsNoPicture) {
  EXPECT_THAT(Split(std::string(5000, 'x'), 100), IsEmpty());
}

TEST(JpegSplitter, APictureWithoutEndIsRefused) {
  JpegSplitter splitter(1000);
  splitter.Add("\xff\xd8\xff\xda\x00\x02"s + std::string(2000, 'x'));
  EXPECT_THAT(splitter.Next(), test::StatusIs(absl::StatusCode::kOutOfRange));
}

}  // namespace
}  // namespace lingula::cli
