#include "server/audit/audit_log.h"

#include <thread>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/server/audit/fake_disk.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeEvent;
using test::FakeKeys;
using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class AuditLogTest : public testing::Test {
 protected:
  AuditLogTest() {
    options_.writer = time_.Options();
    options_.max_queued = 4;
    options_.flush_interval = std::chrono::hours(1);  // nothing is written but by Flush
    options_.report = [this](const AuditCounts& counts) {
      MutexLock lock(mu_);
      counts_ = counts;
    };
  }
  void Start() {
    auto log = AuditLog::Open(options_, std::make_unique<test::FakeDisk>(files_));
    ASSERT_THAT(log, IsOk());
    log_ = *std::move(log);
  }
  void Append(int events) {
    for (int i = 0; i < events; ++i) {
      log_->Append(FakeEvent());
    }
  }
  AuditCounts counts() {
    MutexLock lock(mu_);
    return counts_;
  }
  AuditVerdict Verify() const { return test::VerifyFiles(files_.files(), FakeKeys()); }

  test::FakeTime time_;
  AuditLog::Options options_;
  test::FakeFiles files_;
  Mutex mu_;
  AuditCounts counts_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<AuditLog> log_;
};

TEST_F(AuditLogTest, WritesWhatManyThreadsAppend) {
  options_.max_queued = 10'000;
  options_.flush_interval = std::chrono::milliseconds(0);
  Start();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] { Append(500); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  log_->Flush();
  EXPECT_EQ(Verify().inferences, 2000);
  EXPECT_EQ(counts().written, 2000);
  EXPECT_EQ(counts().dropped, 0);
  EXPECT_EQ(counts().bytes, static_cast<int64_t>(files_.text().size()));
  log_.reset();
  EXPECT_THAT(Verify().problems, IsEmpty());
  EXPECT_THAT(Verify().notes, IsEmpty()) << "it has an end";
}

TEST_F(AuditLogTest, WhatIsQueuedAtTheEndIsWritten) {
  Start();
  Append(1);
  EXPECT_EQ(Verify().inferences, 0);
  log_.reset();
  EXPECT_EQ(Verify().inferences, 1);
}

TEST_F(AuditLogTest, ServesWhileTheDiskIsFullAndSaysLaterWhatIsMissing) {
  Start();
  files_.SetFull(true);
  Append(1);
  log_->Flush();  // fails; the writer keeps it
  EXPECT_FALSE(counts().is_writable);
  EXPECT_THAT(log_->MayServe(), IsOk());
  Append(9);  // four wait, five find no room
  log_->Flush();
  EXPECT_EQ(counts().dropped, 5);
  EXPECT_EQ(counts().written, 0);
  files_.SetFull(false);
  log_->Flush();
  EXPECT_TRUE(counts().is_writable);
  EXPECT_EQ(counts().written, 5);
  EXPECT_THAT(
      files_.text(),
      HasSubstr("\"event\":\"gap\",\"dropped\":5,\"since\":\"2027-01-15T08:00:00.000123Z\""));
  EXPECT_THAT(files_.text(), HasSubstr("\"reason\":\"fake disk is full\""));
  EXPECT_THAT(Verify().problems, IsEmpty());
}

TEST_F(AuditLogTest, RefusesWhileTheDiskIsFullIfToldTo) {
  options_.policy = AuditPolicy::kRefuse;
  Start();
  EXPECT_THAT(log_->MayServe(), IsOk());
  files_.SetFull(true);
  Append(1);
  log_->Flush();
  EXPECT_THAT(log_->MayServe(),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("audit log"), HasSubstr("fake disk is full"))));
  files_.SetFull(false);
  log_->Flush();
  EXPECT_THAT(log_->MayServe(), IsOk());
  EXPECT_EQ(Verify().inferences, 1);
}

TEST_F(AuditLogTest, AFullQueueClosesTheDoorIfToldTo) {
  options_.policy = AuditPolicy::kRefuse;
  Start();
  files_.Hold();
  Append(2);  // half of the queue wakes the writer
  files_.WaitUntilHeld();
  Append(4);
  EXPECT_THAT(log_->MayServe(), IsOk());
  Append(1);
  EXPECT_THAT(log_->MayServe(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("its queue is full")));
  files_.Release();
  log_->Flush();
  EXPECT_THAT(log_->MayServe(), IsOk());
  EXPECT_EQ(Verify().inferences, 6);
  EXPECT_THAT(files_.text(), HasSubstr("\"reason\":\"more came than was written\""));
}

TEST_F(AuditLogTest, SyncsAsToldTo) {
  for (const auto& [sync, interval_ms, syncs] : {std::tuple{AuditSync::kNever, 0, 0},
                                                 {AuditSync::kAlways, 3'600'000, 2},
                                                 {AuditSync::kInterval, 3'600'000, 1},
                                                 {AuditSync::kInterval, 0, 2}}) {
    options_.sync = sync;
    options_.sync_interval = std::chrono::milliseconds(interval_ms);
    const int before = files_.syncs();
    Start();
    for (int i = 0; i < 2; ++i) {
      Append(1);
      log_->Flush();
    }
    EXPECT_EQ(files_.syncs() - before, syncs) << static_cast<int>(sync) << " " << interval_ms;
    log_.reset();
  }
}

TEST_F(AuditLogTest, ALogThatCannotBeBegunIsAnError) {
  files_.SetFull(true);
  EXPECT_THAT(AuditLog::Open(options_, std::make_unique<test::FakeDisk>(files_)),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace lingula
