#include "server/audit/audit_disk.h"

#include <filesystem>

#include <gmock/gmock.h>

#include "model/base/file.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_folder.h"

namespace lingula {
namespace {

using test::IsOk;
using test::IsOkAndHolds;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

class AuditDiskTest : public testing::Test {
 protected:
  AuditDiskTest() : disk_(*OpenAuditFolder(folder_.At("log/deep"))) {}
  std::string Path(const std::string& name) const { return folder_.At("log/deep/" + name); }

  const test::TempFolder folder_;
  const std::unique_ptr<AuditDisk> disk_;
};

TEST_F(AuditDiskTest, FilesAreListedByNumber) {
  for (const int64_t number : {2, 1, 1'000'000, 999'999}) {
    EXPECT_THAT(disk_->Begin(AuditFileName(number), "head\n"), IsOk());
  }
  folder_.Put("log/deep/notes.txt", "");
  folder_.Put("log/deep/audit-000003.jsonl.new", "half of a first li");
  EXPECT_THAT(disk_->List(),
              IsOkAndHolds(ElementsAre("audit-000001.jsonl", "audit-000002.jsonl",
                                       "audit-999999.jsonl", "audit-1000000.jsonl")));
  EXPECT_EQ(AuditFileNumber("audit-00001.jsonl"), 0);
  EXPECT_EQ(AuditFileNumber("audit-0000x1.jsonl"), 0);
}

TEST_F(AuditDiskTest, OnlyItsOwnerReadsIt) {
  EXPECT_THAT(disk_->Begin("audit-000001.jsonl", "head\n"), IsOk());
  EXPECT_EQ(std::filesystem::status(Path("audit-000001.jsonl")).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(AuditDiskTest, WhatDoesNotFitIsNotWrittenInPart) {
  EXPECT_THAT(disk_->Begin("audit-000001.jsonl", "head\n"), IsOk());
  EXPECT_THAT(disk_->Append("one\n"), IsOk());
  {
    const test::FileSizeLimit limit(16);
    EXPECT_THAT(disk_->Append("a line that is too long\n"),
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr("File too large")));
    EXPECT_THAT(disk_->Read("audit-000001.jsonl"), IsOkAndHolds("head\none\n"));
    EXPECT_THAT(disk_->Begin("audit-000002.jsonl", "a head that is too long\n"),
                StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_THAT(disk_->List(), IsOkAndHolds(ElementsAre("audit-000001.jsonl")));
  }
  EXPECT_THAT(disk_->Append("two\n"), IsOk());
  EXPECT_THAT(disk_->Sync(), IsOk());
  EXPECT_THAT(disk_->Read("audit-000001.jsonl"), IsOkAndHolds("head\none\ntwo\n"));
}

TEST_F(AuditDiskTest, AFileThatWasTakenAwayIsNoticed) {
  EXPECT_THAT(disk_->Begin("audit-000001.jsonl", "head\n"), IsOk());
  std::filesystem::remove(Path("audit-000001.jsonl"));
  EXPECT_THAT(disk_->Append("one\n"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(AuditDiskTest, AFolderHasOneWriter) {
  EXPECT_THAT(OpenAuditFolder(folder_.At("log/deep")),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another server")));
}

TEST_F(AuditDiskTest, AFolderThatCannotBeIsNamed) {
  folder_.Put("file", "");
  EXPECT_THAT(OpenAuditFolder(folder_.At("file/log")),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("file/log")));
}

TEST_F(AuditDiskTest, IsCheckedWithoutBeingMade) {
  folder_.Put("file", "");
  EXPECT_THAT(CheckAuditFolder(folder_.At("log/deep")), IsOk());
  EXPECT_THAT(CheckAuditFolder(folder_.At("not/yet/there")), IsOk());
  EXPECT_FALSE(std::filesystem::exists(folder_.At("not")));
  EXPECT_THAT(CheckAuditFolder(folder_.At("file/log")),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("file: no folder")));
}

}  // namespace
}  // namespace lingula
