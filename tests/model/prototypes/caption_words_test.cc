#include "model/prototypes/caption_words.h"

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(CaptionWordsTest, TheMostFrequentComeFirst) {
  const auto words = CaptionWords::Of({"One polyp, one", "a polyp, one"}, 100);
  EXPECT_EQ(words.Lines(), "one\n,\npolyp\na");
  EXPECT_EQ(words.size(), 8);
  EXPECT_EQ(CaptionWords::Of({"One polyp, one", "a polyp, one"}, 6).Lines(), "one\n,");
  EXPECT_EQ(CaptionWords::Of({}, 6).size(), CaptionWords::kFirstWord);
}

TEST(CaptionWordsTest, CaptionsBecomeStartWordsEndAndPadding) {
  const auto words = CaptionWords::Of({"one one polyp"}, 100);
  EXPECT_THAT(words.Encode("ONE  polyp\tred", 8), ElementsAre(2, 4, 5, 1, 3, 0, 0, 0));
  EXPECT_THAT(words.Encode("one polyp red", 4), ElementsAre(2, 4, 5, 3));
  EXPECT_THAT(words.Encode("one polyp red", 2), ElementsAre(2, 3));
  EXPECT_THAT(words.Encode("", 3), ElementsAre(2, 3, 0));
}

TEST(CaptionWordsTest, LettersOutsideAsciiStayInTheirWords) {
  const auto words = CaptionWords::Of({"naïve (yes)"}, 100);
  EXPECT_EQ(words.Lines(), "(\n)\nnaïve\nyes");
}

TEST(CaptionWordsTest, ReadsWhatItWrites) {
  const auto words = CaptionWords::Of({"one medium polyp, located in top of the image"}, 100);
  const auto read = CaptionWords::Parse(words.Lines());
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->Lines(), words.Lines());
  EXPECT_EQ(read->Encode("medium, image", 6), words.Encode("medium, image", 6));
  EXPECT_THAT(CaptionWords::Parse("one\ntwo\none"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("line 3 is there twice")));
  EXPECT_THAT(CaptionWords::Parse("one\n\ntwo"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("line 2 is empty")));
}

}  // namespace
}  // namespace lingula
