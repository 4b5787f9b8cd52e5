#include "client/result_table.h"

#include <filesystem>

#include <gmock/gmock.h>

#include "client/progress_bar.h"
#include "model/base/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_folder.h"

namespace lingula::cli {
namespace {

namespace fs = std::filesystem;
using std::chrono_literals::operator""s;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

TEST(ParseCsv, ReadsQuotesAndLeavesOutWhatWasInterrupted) {
  EXPECT_THAT(ParseCsv("a,\"b,\"\"c\"\"\n\"\r\n,d\ne,f"),
              ElementsAre(ElementsAre("a", "b,\"c\"\n"), ElementsAre("", "d")));
  EXPECT_THAT(ParseCsv("a\n\"unfinished\n"), ElementsAre(ElementsAre("a")));
  EXPECT_THAT(ParseCsv(""), SizeIs(0));
}

TEST(ProgressText, KnowsTheTimeLeftFromTheRate) {
  EXPECT_EQ(ProgressText(0, 40, 0, 0s), "[--------------------] 0 of 40");
  EXPECT_EQ(ProgressText(10, 40, 10, 5s), "[#####---------------] 10 of 40, 2 a second, 0:15 left");
  // Eight were done before this run: they say nothing about its rate.
  EXPECT_EQ(ProgressText(10, 40, 2, 5s),
            "[#####---------------] 10 of 40, 0.4 a second, 1:15 left");
  EXPECT_THAT(ProgressText(1, 3601, 1, 2s), HasSubstr("2:00:00 left"));
}

class ResultTableTest : public testing::Test {
 protected:
  void SetUp() override {
    answer_.mutable_dicom()->set_frame_count(3);
    answer_.mutable_location()->set_sentence("Here, \"there\".");
  }

  std::string Put(const std::string& name) const { return folder_.Put(name, "content"); }
  void AddOne(const std::string& file, uint32_t frame, std::vector<std::string> written) {
    auto table = ResultTable::Open(path_, "settings", true);
    ASSERT_THAT(table.status(), test::IsOk());
    ASSERT_THAT(table->Add({file, frame, {}, std::move(written)}, answer_), test::IsOk());
  }

  const test::TempFolder folder_;
  const std::string path_ = folder_.At("table.csv");
  v1::SegmentResponse answer_;
};

TEST_F(ResultTableTest, WhatWasAnsweredIsDone) {
  AddOne("a, b.dcm", 2, {Put("mask.png")});
  const auto again = ResultTable::Open(path_, "settings", true);
  ASSERT_THAT(again.status(), test::IsOk());
  EXPECT_TRUE(again->IsDone("a, b.dcm", 2));
  EXPECT_FALSE(again->IsDone("a, b.dcm", 1));
  EXPECT_EQ(again->FramesOf("a, b.dcm"), 3);
  EXPECT_THAT(ParseCsv(*ReadFile(path_)).at(1), testing::Contains("Here, \"there\"."));
  // Without resuming it begins anew.
  EXPECT_FALSE(ResultTable::Open(path_, "settings", false)->IsDone("a, b.dcm", 2));
  EXPECT_THAT(ParseCsv(*ReadFile(path_)), SizeIs(1));
}

TEST_F(ResultTableTest, EveryCutLeavesWholeRowsOnly) {
  AddOne("a.dcm", 0, {});
  const size_t first_end = ReadFile(path_)->size();
  AddOne("b.dcm", 0, {});
  const std::string whole = *ReadFile(path_);
  for (size_t size = first_end; size <= whole.size(); ++size) {
    ASSERT_THAT(WriteFile(path_, whole.substr(0, size)), test::IsOk());
    auto table = ResultTable::Open(path_, "settings", true);
    ASSERT_THAT(table.status(), test::IsOk());
    ASSERT_TRUE(table->IsDone("a.dcm", 0)) << size;
    ASSERT_EQ(table->IsDone("b.dcm", 0), size == whole.size()) << size;
    // What is added now does not stick to the end of a cut row.
    ASSERT_THAT(table->Add({"c.dcm", 0, {}, {}}, answer_), test::IsOk());
    ASSERT_TRUE(ResultTable::Open(path_, "settings", true)->IsDone("c.dcm", 0)) << size;
  }
}

TEST_F(ResultTableTest, LostResultsAndFailuresAreNotDone) {
  AddOne("a.dcm", 0, {Put("a.png"), Put("a.seg.dcm")});
  {
    auto table = ResultTable::Open(path_, "settings", true);
    ASSERT_THAT(table->AddFailure("b.dcm", 0, absl::InvalidArgumentError("bad")), test::IsOk());
  }
  EXPECT_THAT(*ReadFile(path_), HasSubstr("b.dcm,0,,failed,INVALID_ARGUMENT,bad,"));
  fs::remove(folder_.At("a.seg.dcm"));
  const auto table = ResultTable::Open(path_, "settings", true);
  EXPECT_FALSE(table->IsDone("a.dcm", 0));
  EXPECT_FALSE(table->IsDone("b.dcm", 0));
  EXPECT_THAT(ParseCsv(*ReadFile(path_)), SizeIs(1));  // they will get a row again, and only one
}

TEST_F(ResultTableTest, OtherSettingsOrTablesAreNotMixed) {
  AddOne("a.dcm", 0, {});
  const std::string before = *ReadFile(path_);
  EXPECT_THAT(ResultTable::Open(path_, "others", true).status(),
              test::StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("other settings")));
  EXPECT_EQ(*ReadFile(path_), before);
  ASSERT_THAT(WriteFile(path_, "somebody's,own\n1,2\n"), test::IsOk());
  EXPECT_THAT(ResultTable::Open(path_, "settings", true).status(),
              test::StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("columns")));
  EXPECT_EQ(*ReadFile(path_), "somebody's,own\n1,2\n");
}

}  // namespace
}  // namespace lingula::cli
