#include "server/audit/audit_writer.h"

#include <gmock/gmock.h>

#include "tests/server/audit/fake_disk.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeEvent;
using test::FakeKeys;
using test::IsOk;
using test::StatusIs;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class AuditWriterTest : public testing::Test {
 protected:
  AuditWriterTest() { options_ = time_.Options(); }

  // A writer whose process started now.
  void Start() {
    disk_ = std::make_unique<test::FakeDisk>(files_);
    auto writer = AuditWriter::Open(options_, *disk_);
    ASSERT_THAT(writer, IsOk());
    writer_ = *std::move(writer);
  }
  void Kill() { writer_.reset(); }
  absl::Status Write(int events) {
    for (int i = 0; i < events; ++i) {
      writer_->Add(FakeEvent());
    }
    return writer_->Write();
  }
  AuditVerdict Verify() const { return test::VerifyFiles(files_.files(), FakeKeys()); }

  test::FakeTime time_;
  AuditWriter::Options options_;
  test::FakeFiles files_;
  std::unique_ptr<test::FakeDisk> disk_;
  std::unique_ptr<AuditWriter> writer_;
};

TEST_F(AuditWriterTest, BeginsWritesAndEnds) {
  Start();
  EXPECT_THAT(Write(3), IsOk());
  EXPECT_THAT(writer_->Close(), IsOk());
  const AuditVerdict verdict = Verify();
  EXPECT_THAT(verdict.problems, IsEmpty());
  EXPECT_THAT(verdict.notes, IsEmpty());
  EXPECT_EQ(verdict.inferences, 3);
  EXPECT_EQ(verdict.lines, 6) << "file, started, three, end";
  EXPECT_EQ(verdict.last.Anchor(), writer_->place().Anchor());
  EXPECT_EQ(writer_->bytes(), static_cast<int64_t>(files_.text().size()));
}

TEST_F(AuditWriterTest, RotatesBySizeAndGoesOnAfterARestart) {
  options_.rotate_bytes = 2000;
  Start();
  for (int i = 0; i < 12; ++i) {
    EXPECT_THAT(Write(1), IsOk());
  }
  EXPECT_THAT(writer_->Close(), IsOk());
  const size_t before = files_.files().size();
  EXPECT_GE(before, 4U);
  Start();
  EXPECT_THAT(Write(1), IsOk());
  EXPECT_THAT(files_.files(), SizeIs(before + 1));
  EXPECT_THAT(Verify().problems, IsEmpty());
  EXPECT_EQ(Verify().inferences, 13);
  EXPECT_THAT(files_.text(), Not(HasSubstr("unclean")));
}

TEST_F(AuditWriterTest, RotatesByAge) {
  Start();
  time_.now += options_.rotate_after - absl::Seconds(1);
  EXPECT_THAT(Write(1), IsOk());
  EXPECT_THAT(files_.files(), SizeIs(1));
  time_.now += absl::Seconds(1);
  EXPECT_THAT(Write(1), IsOk());
  EXPECT_THAT(files_.files(), SizeIs(2));
  EXPECT_THAT(Write(1), IsOk());
  EXPECT_THAT(files_.files(), SizeIs(2));
  EXPECT_THAT(Verify().problems, IsEmpty());
}

TEST_F(AuditWriterTest, SaysThatItWasKilled) {
  Start();
  EXPECT_THAT(Write(2), IsOk());
  Kill();
  EXPECT_THAT(Verify().problems, IsEmpty());
  EXPECT_THAT(Verify().notes, ElementsAre(HasSubstr("was killed after record 4")));
  Start();
  EXPECT_THAT(writer_->Close(), IsOk());
  EXPECT_THAT(files_.text(), HasSubstr(R"("event":"started after unclean end","previous_file":)"
                                       R"("audit-000001.jsonl","previous_seq":4,)"));
  const AuditVerdict verdict = Verify();
  EXPECT_THAT(verdict.problems, IsEmpty());
  EXPECT_THAT(verdict.notes, ElementsAre(HasSubstr("audit-000001.jsonl: has no end")));
}

TEST_F(AuditWriterTest, LeavesATornLineWhereItIsAndSaysSo) {
  Start();
  EXPECT_THAT(Write(2), IsOk());
  files_.Tear("{\"seq\":5,\"time\":\"20");
  Kill();
  EXPECT_THAT(Verify().problems,
              ElementsAre(HasSubstr("audit-000001.jsonl:5: ends in the middle")));
  Start();
  EXPECT_THAT(Write(1), IsOk());
  EXPECT_THAT(Verify().problems, IsEmpty());
  EXPECT_THAT(Verify().notes, Contains(HasSubstr("audit-000001.jsonl: ends with half a line")));
  std::vector<test::AuditFile> files = files_.files();
  files[0].content.back() = 'x';
  EXPECT_THAT(test::VerifyFiles(files, FakeKeys()).problems, SizeIs(1)) << "nor may that change";
}

TEST_F(AuditWriterTest, WhatAFullDiskDidNotTakeIsWrittenLater) {
  Start();
  files_.SetFull(true);
  EXPECT_THAT(Write(2), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(writer_->has_waiting());
  EXPECT_THAT(Write(1), StatusIs(absl::StatusCode::kUnavailable));
  files_.SetFull(false);
  writer_->Add(AuditGap{7, time_.now, time_.now + absl::Seconds(3), "fake disk is full"});
  EXPECT_THAT(Write(1), IsOk());
  EXPECT_FALSE(writer_->has_waiting());
  EXPECT_EQ(Verify().inferences, 4);
  EXPECT_THAT(Verify().problems, IsEmpty());
  EXPECT_THAT(files_.text(), HasSubstr("\"event\":\"gap\",\"dropped\":7,"));
}

// Lines, the end of the file, and the next file: any of them may not fit.
TEST_F(AuditWriterTest, ADiskThatFillsUpDuringARotationLosesNothing) {
  options_.rotate_bytes = 1;
  Start();
  int failures = 0;
  for (int room = 0; room <= 3; ++room) {
    files_.SetRoom(room);
    failures += Write(1).ok() ? 0 : 1;
    files_.SetFull(false);
    EXPECT_THAT(Write(1), IsOk()) << room;
  }
  EXPECT_EQ(failures, 3);
  EXPECT_THAT(writer_->Close(), IsOk());
  EXPECT_EQ(Verify().inferences, 8);
  EXPECT_THAT(Verify().problems, IsEmpty());
}

TEST_F(AuditWriterTest, AFileThatIsTakenAwayIsMissed) {
  Start();
  EXPECT_THAT(Write(2), IsOk());
  files_.TakeAway();
  EXPECT_THAT(Write(1), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Write(0), IsOk()) << "into another one";
  EXPECT_THAT(files_.files(), SizeIs(1));
  EXPECT_THAT(Verify().problems, ElementsAre(HasSubstr("audit-000001.jsonl is missing")));
}

}  // namespace
}  // namespace lingula
