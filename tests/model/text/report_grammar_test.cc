#include "model/text/report_grammar.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "model/base/file.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::IsOkAndHolds;
using test::StatusIs;
using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr int kRows = 64;

// The set of zones in row `row` of a report table.
ZoneBits RowBits(int row) {
  ZoneBits zones;
  for (int i = 0; i < kZones; ++i) {
    zones[i] = (row >> (kZones - 1 - i) & 1) != 0;
  }
  return zones;
}

// "110010": image-left upper first.
ZoneBits Zones(absl::string_view digits) {
  ZoneBits zones;
  for (int i = 0; i < kZones; ++i) {
    zones[i] = digits[i] == '1';
  }
  return zones;
}

TEST(ReportGrammarTest, AgreesWithTheRecordedStringsAndIds) {
  const auto file = ReadFile("tests/golden/text/captions64.tsv");
  ASSERT_THAT(file, IsOk());
  const std::vector<std::string> lines = absl::StrSplit(*file, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), kRows);
  for (int row = 0; row < kRows; ++row) {
    const std::vector<std::string> columns = absl::StrSplit(lines[row], '\t');
    ASSERT_EQ(columns.size(), 3);
    const ZoneBits zones = Zones(columns[0]);
    EXPECT_EQ(ReportRow(zones), row);
    EXPECT_EQ(zones, RowBits(row));
    EXPECT_EQ(ReportFor(zones), columns[1]);
    std::vector<int> ids;
    for (const absl::string_view id : absl::StrSplit(columns[2], ' ')) {
      ids.emplace_back();
      ASSERT_TRUE(absl::SimpleAtoi(id, &ids.back()));
    }
    EXPECT_THAT(CxrBertIds(zones), testing::ElementsAreArray(ids));
    EXPECT_THAT(ParseReport(columns[1]), IsOkAndHolds(zones));
  }
}

TEST(ReportGrammarTest, GrammarIdsAreARenumbering) {
  std::set<std::pair<int, int>> pairs;
  std::set<ReportIds> different;
  for (int row = 0; row < kRows; ++row) {
    const ReportIds published = CxrBertIds(RowBits(row));
    const ReportIds own = GrammarIds(RowBits(row));
    for (int i = 0; i < kReportTokens; ++i) {
      EXPECT_GE(own[i], 0);
      EXPECT_LT(own[i], kGrammarVocabulary);
      pairs.emplace(own[i], published[i]);
    }
    different.insert(own);
  }
  std::set<int> own_ids;
  std::set<int> published_ids;
  for (const auto& [own, published] : pairs) {
    own_ids.insert(own);
    published_ids.insert(published);
  }
  EXPECT_EQ(own_ids.size(), pairs.size());  // one to one
  EXPECT_EQ(published_ids.size(), pairs.size());
  EXPECT_EQ(own_ids.size(), kGrammarVocabulary - 1);  // "all" is understood, never written
  EXPECT_EQ(different.size(), kRows);
  EXPECT_EQ(GrammarIds({})[0], 1);  // [CLS]
  EXPECT_EQ(GrammarIds({})[4], 2);  // [SEP]
  EXPECT_EQ(GrammarIds({})[5], 0);  // [PAD]
}

TEST(ParseReportTest, CaseAndSpaceDoNotMatter) {
  EXPECT_THAT(ParseReport("  No\tINFECTION .\n"), IsOkAndHolds(ZoneBits()));
  EXPECT_THAT(ParseReport("Unilateral pulmonary  infection ,one infected area,lower LEFT lung."),
              IsOkAndHolds(Zones("001000")));
}

TEST(ParseReportTest, UnderstandsAllAndForgetsTheCount) {
  EXPECT_THAT(ParseReport("bilateral pulmonary infection, two infected areas, all left lung and "
                          "middle lower right lung."),
              IsOkAndHolds(Zones("111011")));
  EXPECT_THAT(ParseReport("unilateral pulmonary infection, six infected areas, upper right lung."),
              IsOkAndHolds(Zones("000100")));
}

TEST(ParseReportTest, NamesWhatIsNotOfTheGrammar) {
  const auto refused = [](absl::string_view text, const std::string& part) {
    EXPECT_THAT(ParseReport(text), StatusIs(kInvalid, HasSubstr(part))) << text;
  };
  const std::string start = "unilateral pulmonary infection, one infected area, ";
  refused("", "the end");
  refused("pneumonia in the left lung", "\"pneumonia\"");
  refused("no infection", "\".\"");
  refused("no infection. really", "\"really\"");
  refused("no infection, one infected area, lower left lung.", "\",\"");
  refused(start + "left lung.", "\"left\"");
  refused(start + "lower upper left lung.", "\"upper\"");
  refused(start + "upper, lower left lung.", "\",\"");
  refused(start + "all lower left lung.", "\"lower\"");
  refused(start + "lower left lung and lower right lung.", "\"and\"");
  refused(start + "lower left", "the end");
  refused("unilateral pulmonary infection, seven infected areas, lower left lung.", "\"seven\"");
  refused("unilateral pulmonary infection, two infected area, lower left lung.", "\"area\"");
  const std::string two = "bilateral pulmonary infection, two infected areas, ";
  refused(two + "lower left lung.", "\"and\"");
  refused(two + "lower right lung and lower left lung.", "left lung first");
  refused(two + "lower left lung and upper left lung.", "left lung first");
}

TEST(ParseReportTest, QuotesHostileTextSafely) {
  const absl::Status status = ParseReport(std::string(100000, '\xff')).status();
  EXPECT_EQ(status.code(), kInvalid);
  EXPECT_LT(status.message().size(), 300);
  for (const char c : status.message()) {
    EXPECT_TRUE(absl::ascii_isprint(c));
  }
}

}  // namespace
}  // namespace lingula
