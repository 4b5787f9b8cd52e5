#include "server/audit/verify.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/server/audit/fake_disk.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeEvent;
using test::FakeKeys;
using test::IsOk;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class VerifyTest : public testing::Test {
 protected:
  // Three files; the lines of each: file, (started,) three or more inferences, end.
  VerifyTest() {
    AuditWriter::Options options = time_.Options();
    options.rotate_bytes = 2500;
    test::FakeDisk disk(written_);
    auto writer = *AuditWriter::Open(options, disk);
    for (int i = 0; written_.files().size() < 3 || i < 10; ++i) {
      writer->Add(FakeEvent(absl::StrCat("request-", i)));
      EXPECT_THAT(writer->Write(), IsOk());
    }
    EXPECT_THAT(writer->Close(), IsOk());
    files_ = written_.files();
    last_ = writer->place();
  }

  std::vector<std::string> Problems(const std::optional<AuditKeys>& keys = FakeKeys(),
                                    const std::vector<AuditAnchor>& anchors = {}) const {
    return test::VerifyFiles(files_, keys, anchors).problems;
  }
  // Changes the lines of a file.
  template <typename Change>
  void Edit(size_t file, const Change& change) {
    std::vector<std::string> lines = absl::StrSplit(files_[file].content, '\n');
    change(lines);
    files_[file].content = absl::StrJoin(lines, "\n");
  }

  test::FakeTime time_;
  test::FakeFiles written_;
  std::vector<test::AuditFile> files_;
  ChainPlace last_;
};

using Lines = std::vector<std::string>;

TEST_F(VerifyTest, AGoodLogIsGoodInAnyOrderAndWithoutTheKey) {
  EXPECT_THAT(Problems(), IsEmpty());
  std::swap(files_[0], files_[2]);
  EXPECT_THAT(Problems(), IsEmpty());
  EXPECT_THAT(Problems(std::nullopt), IsEmpty());
}

TEST_F(VerifyTest, NamesAChangedLine) {
  Edit(1, [](Lines& lines) { lines[2][30] ^= 1; });
  EXPECT_THAT(Problems(), ElementsAre(HasSubstr("audit-000002.jsonl:3: does not follow")));
  EXPECT_EQ(Problems(std::nullopt), Problems());
}

TEST_F(VerifyTest, NamesAMissingLine) {
  Edit(1, [](Lines& lines) { lines.erase(lines.begin() + 2); });
  EXPECT_THAT(Problems(std::nullopt),
              ElementsAre(testing::ContainsRegex("audit-000002.jsonl:3: records .* are missing")));
}

TEST_F(VerifyTest, NamesLinesInTheWrongOrder) {
  Edit(0, [](Lines& lines) { std::swap(lines[2], lines[3]); });
  EXPECT_THAT(Problems(std::nullopt), Contains(HasSubstr("audit-000001.jsonl:3: record")));
}

TEST_F(VerifyTest, NamesALineThatWasPutIn) {
  Edit(0, [](Lines& lines) { lines.insert(lines.begin() + 3, lines[2]); });
  EXPECT_THAT(Problems(std::nullopt),
              Contains(HasSubstr("audit-000001.jsonl:4: record 3 does not belong here")));
  Edit(0, [](Lines& lines) { lines[3] = "nothing to see here"; });
  EXPECT_THAT(Problems(std::nullopt),
              ElementsAre(HasSubstr("audit-000001.jsonl:4: is not a line of an audit log")));
}

TEST_F(VerifyTest, NamesAMissingFile) {
  files_.erase(files_.begin() + 1);
  EXPECT_THAT(Problems(std::nullopt), ElementsAre(HasSubstr("audit-000003.jsonl:1: the file before "
                                                            "is missing: audit-000002.jsonl")));
}

TEST_F(VerifyTest, AFileGivenTwiceIsNoticed) {
  files_.push_back(files_[1]);
  EXPECT_THAT(Problems(), Contains(HasSubstr("is file 2 of the log, which was there already")));
}

TEST_F(VerifyTest, AFileThatWasCutIsNoticedUnlessItIsTheNewest) {
  const std::vector<test::AuditFile> whole = files_;
  Edit(0, [](Lines& lines) { lines.erase(lines.end() - 3, lines.end() - 1); });
  EXPECT_THAT(Problems(std::nullopt), Contains(HasSubstr("audit-000002.jsonl:1: records")));
  files_ = whole;
  Edit(2, [](Lines& lines) { lines.erase(lines.end() - 3, lines.end() - 1); });
  EXPECT_THAT(Problems(), IsEmpty()) << "this is what anchors are for";
  EXPECT_THAT(Problems(FakeKeys(), {{last_.sequence, last_.hash}}),
              ElementsAre(HasSubstr("the records between are gone")));
}

TEST_F(VerifyTest, OldFilesMayBePutAwayAgainstAnAnchor) {
  const auto end = ParseLine(std::string(
      *(std::vector<std::string>(absl::StrSplit(files_[0].content, '\n')).rbegin() + 1)));
  const AuditAnchor anchor = {end->sequence, std::string(end->hash)};
  files_.erase(files_.begin());
  EXPECT_THAT(Problems(), ElementsAre(HasSubstr("the log begins before this file")));
  EXPECT_THAT(Problems(FakeKeys(), {anchor}), IsEmpty());
  EXPECT_THAT(Problems(FakeKeys(), {{anchor.sequence, std::string(64, '0')}}),
              ElementsAre(HasSubstr("the log begins before this file")));
  Edit(0, [](Lines& lines) { lines[0][20] ^= 1; });
  EXPECT_THAT(Problems(std::nullopt, {anchor}), testing::Not(IsEmpty()))
      << "nor may its head change";
}

// An intruder who knows how all this works, and writes the rest of the log anew.
TEST_F(VerifyTest, WhoDoesNotHaveTheKeyCannotForgeTheRest) {
  const AuditKeys forged = FakeKeys("the intruder's own 32 bytes of secret");
  ChainPlace place;
  for (test::AuditFile& file : files_) {
    Lines lines = absl::StrSplit(file.content, '\n');
    file.content.clear();
    lines.pop_back();
    for (const std::string& line : lines) {
      const std::string content(ParseLine(line)->content);
      file.content += SealLine(content.substr(content.find(',') + 1), forged, place);
    }
  }
  EXPECT_THAT(Problems(), Contains(HasSubstr("mac was not made with the key")));
}

TEST_F(VerifyTest, TheWrongKeyIsSaidOnce) {
  const std::vector<std::string> problems =
      Problems(FakeKeys("another secret of thirty-two bytes"));
  ASSERT_EQ(problems.size(), files_.size());
  EXPECT_THAT(problems[0], HasSubstr("audit-000001.jsonl:1: was sealed with key"));
}

TEST_F(VerifyTest, AnAnchorTellsOfALogThatWasReplaced) {
  EXPECT_THAT(Problems(FakeKeys(), {{4, std::string(64, '0')}}),
              ElementsAre(HasSubstr(":4: record 4 was another one")));
}

TEST_F(VerifyTest, AnchorsAreChecked) {
  EXPECT_THAT(ParseAnchor(last_.Anchor()), IsOk());
  for (const char* bad : {"", "5", "5:abc", "x:", ":"}) {
    EXPECT_FALSE(ParseAnchor(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace lingula
