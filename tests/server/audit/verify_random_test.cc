// Whatever one does to a log, it is found; but for its newest lines, which an anchor guards.
#include <random>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/audit/verify.h"
#include "tests/server/audit/fake_disk.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeEvent;
using test::FakeKeys;

constexpr int kEdits = 3000;

class RandomEdit {
 public:
  explicit RandomEdit(unsigned seed) : random_(seed) {}

  // Changes `files`; says how.
  std::string Apply(std::vector<test::AuditFile>& files) {
    const size_t which = Below(files.size());
    std::string& content = files[which].content;
    std::vector<std::string> lines = absl::StrSplit(content, '\n');
    lines.pop_back();
    const size_t at = Below(lines.size());
    std::string what;
    switch (Below(6)) {
      case 0: {
        const size_t byte = Below(content.size());
        content[byte] = static_cast<char>(content[byte] ^ (1 << Below(8)));
        return absl::StrCat("bit of byte ", byte, " of file ", which);
      }
      case 1:
        lines.erase(lines.begin() + static_cast<long>(at));
        what = "delete";
        break;
      case 2: {
        const size_t other = (at + 1 + Below(lines.size() - 1)) % lines.size();
        std::swap(lines[at], lines[other]);
        what = absl::StrCat("swap with ", other);
        break;
      }
      case 3:
        lines.insert(lines.begin() + static_cast<long>(at), lines[Below(lines.size())]);
        what = "insert before";
        break;
      case 4:
        lines.resize(at);
        what = "cut from";
        break;
      default: {
        const size_t end = Below(content.size());
        content.resize(end);
        return absl::StrCat("cut at byte ", end, " of file ", which);
      }
    }
    content = lines.empty() ? "" : absl::StrJoin(lines, "\n") + "\n";
    return absl::StrCat(what, " line ", at, " of file ", which);
  }

 private:
  size_t Below(size_t bound) {
    return std::uniform_int_distribution<size_t>(0, bound - 1)(random_);
  }
  std::mt19937 random_;
};

TEST(VerifyRandom, EveryEditIsFound) {
  test::FakeTime time;
  test::FakeFiles written;
  AuditWriter::Options options = time.Options();
  options.rotate_bytes = 6000;
  test::FakeDisk disk(written);
  auto writer = *AuditWriter::Open(options, disk);
  for (int i = 0; i < 40; ++i) {
    writer->Add(FakeEvent(absl::StrCat("request-", i)));
    ASSERT_THAT(writer->Write(), test::IsOk());
  }
  ASSERT_THAT(writer->Close(), test::IsOk());
  const std::vector<test::AuditFile> good = written.files();
  ASSERT_GE(good.size(), 3U);
  const AuditAnchor anchor = {writer->place().sequence, writer->place().hash};
  ASSERT_TRUE(test::VerifyFiles(good, FakeKeys(), {anchor}).is_good());
  RandomEdit edit(20261130);
  for (int i = 0; i < kEdits; ++i) {
    std::vector<test::AuditFile> files = good;
    const std::string what = edit.Apply(files);
    bool same = true;
    for (size_t file = 0; file < files.size(); ++file) {
      same = same && files[file].content == good[file].content;
    }
    const AuditVerdict verdict = test::VerifyFiles(files, FakeKeys(), {anchor});
    EXPECT_EQ(verdict.is_good(), same) << what;
    // Each problem has a file and a line.
    for (const std::string& problem : verdict.problems) {
      EXPECT_THAT(problem, testing::ContainsRegex("^[0-9]/audit-[0-9]+.jsonl:[0-9]+: ")) << what;
    }
  }
}

}  // namespace
}  // namespace lingula
