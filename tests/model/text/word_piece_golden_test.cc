// Recorded answers of the reference tokenizer (tests/golden/text/README.md).
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "model/base/file.h"
#include "model/text/report_grammar.h"
#include "model/text/word_piece.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using testing::ElementsAreArray;

constexpr int kEntries = 30522;
constexpr size_t kRecorded = 200;
constexpr char kWholeVocabulary[] = "../shared/data/text/cxr-bert-tokenizer/vocab.txt";

// The committed part of the vocabulary at its published numbers. The lines between hold what no
// word can match, since it has a space in it.
WordPiece PartOfVocabulary() {
  std::vector<std::string> lines;
  for (int i = 0; i < kEntries; ++i) {
    lines.push_back(absl::StrCat("not committed ", i));
  }
  const std::string part = ReadFile("tests/golden/text/cxr_bert_vocab_part.tsv").value();
  for (const absl::string_view row : absl::StrSplit(part, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> columns = absl::StrSplit(row, '\t');
    int id = -1;
    EXPECT_TRUE(columns.size() == 2 && absl::SimpleAtoi(columns[0], &id)) << row;
    lines.at(id) = columns[1];
  }
  return WordPiece::Parse(absl::StrJoin(lines, "\n")).value();
}

void ExpectRecordedAnswers(const WordPiece& pieces) {
  const std::string file = ReadFile("tests/golden/text/tokenizer.jsonl").value();
  const std::vector<std::string> lines = absl::StrSplit(file, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), kRecorded);
  for (const std::string& line : lines) {
    const auto row = nlohmann::json::parse(line);
    const auto text = row["text"].get<std::string>();
    const auto ids = row["ids"].get<std::vector<int>>();
    EXPECT_THAT(pieces.Ids(text), ElementsAreArray(ids)) << line;
    const WordPiece::Tokens tokens = pieces.Encode(text, kReportTokens);
    EXPECT_THAT(tokens.ids, ElementsAreArray(row["ids24"].get<std::vector<int>>())) << line;
    EXPECT_THAT(tokens.mask, ElementsAreArray(row["mask24"].get<std::vector<int>>())) << line;
    EXPECT_EQ(tokens.used, static_cast<int>(ids.size())) << line;
  }
}

void ExpectGrammarTable(const WordPiece& pieces) {
  for (int bits = 0; bits < 1 << kZones; ++bits) {
    const ZoneBits zones(bits);
    EXPECT_THAT(pieces.Encode(ReportFor(zones), kReportTokens).ids,
                ElementsAreArray(CxrBertIds(zones)))
        << ReportFor(zones);
  }
}

TEST(WordPieceGoldenTest, AnswersAsRecorded) {
  ExpectRecordedAnswers(PartOfVocabulary());
}

TEST(WordPieceGoldenTest, AgreesWithTheTableOfTheGrammar) {
  ExpectGrammarTable(PartOfVocabulary());
}

TEST(WordPieceGoldenTest, WholeVocabulary) {
  if (!std::filesystem::exists(kWholeVocabulary)) {
    GTEST_SKIP() << kWholeVocabulary << " is not there: only the committed part was tested";
  }
  const auto text = ReadFile(kWholeVocabulary);
  ASSERT_THAT(text, IsOk());
  const auto pieces = WordPiece::Parse(*text);
  ASSERT_THAT(pieces, IsOk());
  EXPECT_EQ(pieces->size(), kEntries);
  ExpectRecordedAnswers(*pieces);
  ExpectGrammarTable(*pieces);
}

}  // namespace
}  // namespace lingula
