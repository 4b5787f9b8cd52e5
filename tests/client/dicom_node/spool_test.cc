#include "client/dicom_node/spool.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "model/base/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_folder.h"

namespace lingula::node {
namespace {

namespace fs = std::filesystem;
using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class SpoolTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.folder = folder_.path();
    options_.max_files = 4;
    options_.max_bytes = 4000;
    options_.max_file_bytes = 1000;
    options_.max_refused = 2;
  }

  // As after a crash: whatever the folder holds is all that is known.
  Spool& Reopen() {
    spool_.reset();
    auto opened = Spool::Open(options_);
    EXPECT_THAT(opened.status(), IsOk());
    spool_ = *std::move(opened);
    return *spool_;
  }
  uint64_t Receive(Spool& spool, const std::string& content) {
    const auto number = spool.Reserve();
    EXPECT_THAT(number.status(), IsOk());
    std::ofstream(spool.PartOf(*number)) << content;
    EXPECT_THAT(spool.Commit(*number), IsOk());
    return *number;
  }

  const test::TempFolder folder_;  // outlives the spool
  SpoolOptions options_;
  std::unique_ptr<Spool> spool_;
};

TEST_F(SpoolTest, TakesAPictureThrough) {
  Spool& spool = Reopen();
  const uint64_t number = Receive(spool, "picture");
  EXPECT_THAT(spool.ToSegment(), ElementsAre(number));
  EXPECT_EQ(ReadFile(spool.PictureOf(number)).value(), "picture");
  ASSERT_THAT(spool.AddResult(number, 1, "seg"), IsOk());
  ASSERT_THAT(spool.AddResult(number, 2, "sr"), IsOk());
  EXPECT_THAT(spool.ToStore(), IsEmpty());
  ASSERT_THAT(spool.Segmented(number), IsOk());
  EXPECT_THAT(spool.ToSegment(), IsEmpty());
  EXPECT_THAT(spool.ToStore(), ElementsAre(number));
  const std::vector<std::string> results = spool.ResultsOf(number);
  ASSERT_THAT(results, SizeIs(2));
  EXPECT_EQ(ReadFile(results[1]).value(), "sr");
  ASSERT_THAT(spool.Stored(number, results[0]), IsOk());
  EXPECT_THAT(spool.ToStore(), ElementsAre(number));
  ASSERT_THAT(spool.Stored(number, results[1]), IsOk());
  EXPECT_THAT(spool.ToStore(), IsEmpty());
  EXPECT_EQ(spool.files(), 0);
}

// After each step, a process that starts anew knows what an acknowledged picture still needs.
TEST_F(SpoolTest, GoesOnAfterACrashAtAnyStep) {
  const uint64_t receiving = Reopen().Reserve().value();
  std::ofstream(spool_->PartOf(receiving)) << "half a pic";
  EXPECT_THAT(Reopen().ToSegment(), IsEmpty());
  EXPECT_FALSE(fs::exists(spool_->PartOf(receiving)));

  const uint64_t number = Receive(*spool_, "picture");
  EXPECT_THAT(Reopen().ToSegment(), ElementsAre(number));

  ASSERT_THAT(spool_->AddResult(number, 1, "seg"), IsOk());
  EXPECT_THAT(Reopen().ToSegment(), ElementsAre(number));
  EXPECT_THAT(spool_->ToStore(), IsEmpty());

  // The same results again take the place of the first.
  ASSERT_THAT(spool_->AddResult(number, 1, "seg"), IsOk());
  ASSERT_THAT(spool_->AddResult(number, 2, "sr"), IsOk());
  std::ofstream(spool_->ResultsOf(number)[0] + ".partial") << "ha";
  ASSERT_THAT(spool_->Segmented(number), IsOk());
  EXPECT_THAT(Reopen().ToStore(), ElementsAre(number));
  EXPECT_THAT(spool_->ResultsOf(number), SizeIs(2));

  ASSERT_THAT(spool_->Stored(number, spool_->ResultsOf(number)[0]), IsOk());
  EXPECT_THAT(Reopen().ToStore(), ElementsAre(number));
  ASSERT_THAT(spool_->Stored(number, spool_->ResultsOf(number)[0]), IsOk());
  EXPECT_EQ(Reopen().files(), 0);
}

TEST_F(SpoolTest, HasABoundOfFilesAndBytes) {
  Spool& spool = Reopen();
  const uint64_t first = Receive(spool, std::string(1000, 'x'));
  Receive(spool, std::string(900, 'x'));
  const uint64_t receiving = spool.Reserve().value();
  // 1900 bytes, 1000 for the one being received, and room for one more.
  EXPECT_THAT(spool.Reserve().status(), IsOk());
  EXPECT_THAT(spool.Reserve().status(),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("2 pictures, 1900 bytes")));
  spool.Abandon(receiving);
  ASSERT_THAT(spool.AddResult(first, 1, std::string(1900, 'y')), IsOk());
  ASSERT_THAT(spool.Segmented(first), IsOk());  // results are always kept
  EXPECT_THAT(spool.Reserve().status(), StatusIs(absl::StatusCode::kResourceExhausted));
  ASSERT_THAT(spool.Stored(first, spool.ResultsOf(first)[0]), IsOk());
  EXPECT_THAT(spool.Reserve().status(), IsOk());
}

TEST_F(SpoolTest, CountsWhatGoesThrough) {
  Spool& spool = Reopen();
  const uint64_t first = Receive(spool, "12345"), second = Receive(spool, "123");
  const uint64_t receiving = spool.Reserve().value();
  SpoolCounts counts = spool.counts();
  EXPECT_EQ(counts.received, 2);
  EXPECT_EQ(counts.to_segment, 2);
  EXPECT_EQ(counts.receiving, 1);
  EXPECT_EQ(counts.bytes, 8);
  EXPECT_GT(counts.oldest.count(), 0);

  ASSERT_THAT(spool.AddResult(first, 1, "seg"), IsOk());
  ASSERT_THAT(spool.Segmented(first), IsOk());
  ASSERT_THAT(spool.Refuse(second, "no picture"), IsOk());
  EXPECT_FALSE(spool.Commit(receiving).ok());  // nothing was written
  spool.Abandon(spool.Reserve().value());      // its sender broke off
  counts = spool.counts();
  EXPECT_EQ(counts.segmented, 1);
  EXPECT_EQ(counts.refused, 1);
  EXPECT_EQ(counts.turned_away, 2);
  EXPECT_EQ(counts.receiving, 0);
  EXPECT_EQ(counts.to_segment, 0);
  EXPECT_EQ(counts.to_store, 1);
  EXPECT_EQ(counts.bytes, 3);

  ASSERT_THAT(spool.Stored(first, spool.ResultsOf(first)[0]), IsOk());
  counts = spool.counts();
  EXPECT_EQ(counts.stored, 1);
  EXPECT_EQ(counts.received, 2);
  EXPECT_EQ(counts.bytes, 0);
  EXPECT_EQ(counts.oldest.count(), 0);
}

// By the oldest of a picture's files, and not by when the node was started.
TEST_F(SpoolTest, KnowsHowOldAPictureIsAfterAStart) {
  const uint64_t number = Receive(Reopen(), "picture");
  fs::last_write_time(spool_->PictureOf(number),
                      fs::file_time_type::clock::now() - std::chrono::hours(2));
  ASSERT_THAT(spool_->AddResult(number, 1, "seg"), IsOk());
  const SpoolCounts counts = Reopen().counts();
  EXPECT_GE(counts.oldest, std::chrono::hours(2));
  EXPECT_LT(counts.oldest, std::chrono::hours(3));
  EXPECT_EQ(counts.to_segment, 1);
  EXPECT_EQ(counts.received, 0);
}

TEST_F(SpoolTest, CountsWhatWasThereBefore) {
  for (int i = 0; i < 4; ++i) {
    Receive(i == 0 ? Reopen() : *spool_, "x");
  }
  EXPECT_THAT(Reopen().Reserve().status(),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("4 pictures, 4 bytes")));
}

TEST_F(SpoolTest, PutsAsideWhatCannotBeDone) {
  Spool& spool = Reopen();
  const uint64_t number = Receive(spool, "no picture");
  ASSERT_THAT(spool.Refuse(number, "segment: INVALID_ARGUMENT: why"), IsOk());
  EXPECT_EQ(spool.files(), 0);
  const std::string aside = options_.folder + "/refused/0000000000000001";
  EXPECT_EQ(ReadFile(aside + ".in.dcm").value(), "no picture");
  EXPECT_EQ(ReadFile(aside + ".txt").value(), "segment: INVALID_ARGUMENT: why\n");
  // Numbers are not given twice, not even after a start; of many, the oldest goes.
  EXPECT_EQ(Receive(Reopen(), "2"), 2);
  ASSERT_THAT(spool_->Refuse(2, "why"), IsOk());
  Receive(*spool_, "3");
  ASSERT_THAT(spool_->Refuse(3, "why"), IsOk());
  EXPECT_FALSE(fs::exists(aside + ".in.dcm"));
  EXPECT_FALSE(fs::exists(aside + ".txt"));
  EXPECT_TRUE(fs::exists(options_.folder + "/refused/0000000000000003.in.dcm"));
}

TEST_F(SpoolTest, BelongsToOneProcess) {
  Reopen();
  EXPECT_THAT(Spool::Open(options_).status(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(SpoolTest, AnUnwrittenPictureIsNotCommitted) {
  Spool& spool = Reopen();
  const uint64_t number = spool.Reserve().value();
  EXPECT_THAT(spool.Commit(number), StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(spool.files(), 0);
  EXPECT_THAT(spool.ToSegment(), IsEmpty());
}

}  // namespace
}  // namespace lingula::node
