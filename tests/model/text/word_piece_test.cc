#include "model/text/word_piece.h"

#include <string>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/text/bert_words.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr int kUnknown = 1;

// Ids 0 to 4 are the special tokens.
WordPiece Made(const std::vector<std::string>& tokens) {
  return WordPiece::Parse(
             absl::StrCat("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n", absl::StrJoin(tokens, "\n")))
      .value();
}

std::vector<std::string> Words(absl::string_view text) {
  std::vector<std::string> words;
  SplitBertWords(text, [&](absl::string_view word) { words.emplace_back(word); });
  return words;
}

TEST(BertWordsTest, SeparatesPunctuationAndIdeographs) {
  EXPECT_THAT(Words("  Left-sided, \t2.5$\r\n"),
              ElementsAre("left", "-", "sided", ",", "2", ".", "5", "$"));
  EXPECT_THAT(Words("left\xE8\x82\xBAlung"), ElementsAre("left", "\xE8\x82\xBA", "lung"));
  EXPECT_THAT(Words("a\xE2\x80\xA8z\xE3\x80\x80y"), ElementsAre("a", "z", "y"));  // U+2028, U+3000
  EXPECT_THAT(Words(" \t"), ElementsAre());
}

TEST(BertWordsTest, LowersAndStripsAccents) {
  EXPECT_THAT(Words("\xC3\x89panchement"), ElementsAre("epanchement"));
  EXPECT_THAT(Words("e\xCC\x81\xCC\x81x"), ElementsAre("ex"));
  EXPECT_THAT(Words("\xC4\xB0"), ElementsAre("i"));                         // I with a dot
  EXPECT_THAT(Words("\xCE\xA3\xCE\xA3"), ElementsAre("\xCF\x83\xCF\x83"));  // no final sigma
  EXPECT_THAT(Words("\xCD\xBE"), ElementsAre(";"));                         // Greek question mark
  EXPECT_THAT(Words("\xCC\x81"), ElementsAre());                            // nothing left of it
}

// Marks that are not Mn stay, in canonical order: U+1D165 (class 216) goes before U+1D16D (226).
TEST(BertWordsTest, OrdersTheMarksThatStay) {
  EXPECT_THAT(Words("a\xF0\x9D\x85\xAD\xCC\x81\xF0\x9D\x85\xA5"),
              ElementsAre("a\xF0\x9D\x85\xA5\xF0\x9D\x85\xAD"));
}

TEST(BertWordsTest, DropsControlCharactersAndBrokenBytes) {
  EXPECT_THAT(Words(absl::string_view("lu\0n\x01g\x0B\x7F", 8)), ElementsAre("lung"));
  EXPECT_THAT(Words("lu\xEF\xBF\xBDng"), ElementsAre("lung"));              // U+FFFD
  EXPECT_THAT(Words("lu\xEF\xA9\xAEng"), ElementsAre("lung"));              // U+FA6E, unassigned
  EXPECT_THAT(Words("lu\xE2\x82ng\xFF"), ElementsAre("lung"));              // half a character
  EXPECT_THAT(Words("lu\xED\xA0\x80ng"), ElementsAre("lung"));              // a surrogate
  EXPECT_THAT(Words("lu\xC0\xAFng\xF4\x90\x80\x80"), ElementsAre("lung"));  // overlong; too high
}

TEST(BertWordsTest, LongWordsAreEmpty) {
  EXPECT_THAT(Words(std::string(100, 'x')), ElementsAre(std::string(100, 'x')));
  EXPECT_THAT(Words(std::string(101, 'x') + " y"), ElementsAre("", "y"));
  std::string accented;
  for (int i = 0; i < 100; ++i) {
    accented += "a\xCC\x81";
  }
  EXPECT_THAT(Words(accented), ElementsAre(std::string(100, 'a')));
}

TEST(WordPieceTest, TakesTheLongestPieces) {
  const WordPiece pieces = Made({"lung", "lu", "##ng", "##s", "##n", "."});
  EXPECT_EQ(pieces.size(), 11);
  EXPECT_THAT(pieces.Ids("Lungs luss."), ElementsAre(2, 5, 8, 6, 8, 8, 10, 3));
  EXPECT_THAT(pieces.Ids("lungx s"), ElementsAre(2, kUnknown, kUnknown, 3));
  EXPECT_THAT(pieces.Ids(""), ElementsAre(2, 3));
}

TEST(WordPieceTest, GreedyDoesNotGoBack) {
  EXPECT_THAT(Made({"ab", "a", "##bc"}).Ids("abc"), ElementsAre(2, kUnknown, 3));
}

TEST(WordPieceTest, WithoutContinuationsOnlyWholeWords) {
  EXPECT_THAT(Made({"a"}).Ids("a aa"), ElementsAre(2, 5, kUnknown, 3));
  EXPECT_THAT(Made({"a", "##"}).Ids("a aa"), ElementsAre(2, 5, kUnknown, 3));
}

TEST(WordPieceTest, SpecialTokensInText) {
  const WordPiece pieces = Made({"a", "[", "cls", "]"});
  EXPECT_THAT(pieces.Ids("a[MASK]a [CLS]"), ElementsAre(2, 5, 4, 5, 2, 3));
  EXPECT_THAT(pieces.Ids("[cls]"), ElementsAre(2, 6, 7, 8, 3));
  EXPECT_THAT(pieces.Ids("[CLS[SEP]"), ElementsAre(2, 6, 7, 3, 3));
  EXPECT_THAT(pieces.Ids("[C\x01LS]"), ElementsAre(2, 6, 7, 8, 3));  // not one, as in the reference
}

TEST(WordPieceTest, PadsAndTruncates) {
  const WordPiece pieces = Made({"a", "b"});
  const WordPiece::Tokens padded = pieces.Encode("a b", 6);
  EXPECT_THAT(padded.ids, ElementsAre(2, 5, 6, 3, 0, 0));
  EXPECT_THAT(padded.mask, ElementsAre(1, 1, 1, 1, 0, 0));
  EXPECT_EQ(padded.used, 4);
  const WordPiece::Tokens cut = pieces.Encode("a b a b", 4);
  EXPECT_THAT(cut.ids, ElementsAre(2, 5, 6, 3));
  EXPECT_THAT(cut.mask, ElementsAre(1, 1, 1, 1));
  EXPECT_EQ(cut.used, 6);
  EXPECT_THAT(pieces.Encode("a", -1).ids, ElementsAre(2, 3));
}

TEST(WordPieceTest, RefusesVocabulariesByLine) {
  const std::string specials = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n";
  const auto refused = [](const std::string& text, const std::string& reason) {
    EXPECT_THAT(WordPiece::Parse(text), StatusIs(kInvalid, HasSubstr(reason)));
  };
  refused("", "line 1: is empty");
  refused("[PAD]\n[UNK]\n[CLS]\n", "[SEP] is missing from its 3 lines");
  refused("[PAD\n[UNK]\n[CLS]\n[SEP]\n", "[PAD] is missing");
  refused(specials + "a\nb\na\n", "line 7: \"a\" is on line 5 already");
  refused(specials + "a\n\nb\n", "line 6: is empty");
  refused(specials + "\xFF\n", "line 5: \"\\xff\" is not UTF-8");
  refused(std::string(WordPiece::kMaxBytes + 1, 'a'), "bytes; at most 4194304");
  std::string many;
  for (int i = 0; i <= WordPiece::kMaxEntries; ++i) {
    absl::StrAppend(&many, absl::Hex(i), "\n");
  }
  refused(many, "line 262145: more than 262144 entries");
  EXPECT_THAT(WordPiece::Parse(specials), IsOk());  // [MASK] may be absent
  EXPECT_THAT(WordPiece::Parse("[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]"), IsOk());
}

// Quadratic work on these would end in the test's time limit.
TEST(WordPieceTest, HostileTextCostsLinearTime) {
  const WordPiece pieces = Made({"a", "##a", "aaaa", "##aaaa", "[", "\xCC\x81"});
  constexpr size_t kMegabyte = size_t{1} << 20;
  const auto repeat = [](absl::string_view unit) {
    std::string text;
    while (text.size() < kMegabyte) {
      text.append(unit.data(), unit.size());
    }
    return text;
  };
  EXPECT_THAT(pieces.Ids(repeat("a")), ElementsAre(2, kUnknown, 3));
  EXPECT_THAT(pieces.Ids(repeat("\xCC\x81")), ElementsAre(2, 3));                   // Mn
  EXPECT_THAT(pieces.Ids("a" + repeat("\xCC\xA7\xCC\x81")), ElementsAre(2, 5, 3));  // two classes
  EXPECT_THAT(pieces.Ids(repeat("\xF0\x9D\x85\xAD\xF0\x9D\x85\xA5")),  // Mc with a class
              ElementsAre(2, kUnknown, 3));
  EXPECT_THAT(pieces.Ids(repeat("\xEF\xB7\xBA")), ElementsAre(2, kUnknown, 3));  // U+FDFA
  EXPECT_THAT(pieces.Ids(repeat("\xFF")), ElementsAre(2, 3));
  EXPECT_EQ(pieces.Ids(repeat("[")).size(), kMegabyte + 2);
  EXPECT_EQ(pieces.Encode(repeat("a "), 24).used, static_cast<int>(kMegabyte / 2) + 2);
  const std::string longest(WordPiece::kMaxBytes - 64, 'a');
  EXPECT_THAT(Made({longest}).Ids(repeat(std::string(100, 'a') + " ")),
              testing::Each(testing::Lt(4)));
}

}  // namespace
}  // namespace lingula
