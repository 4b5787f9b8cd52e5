#include "server/service/repository_watch.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/server/service/fake_repository.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeSource;
using test::IsOk;
using test::StatusIs;

class RepositoryWatchTest : public testing::Test {
 protected:
  RepositoryWatchTest() { Load("xray", "2"); }

  void Load(const std::string& name, const std::string& version, bool hold_back = false) {
    ASSERT_THAT(routes_.Add(*models_.Adopt(FakeSource(name, version)), hold_back), IsOk());
  }
  // One look at these, written as "load X, unload Y" steps.
  std::string Look(std::vector<FoundVersion> found) {
    std::string text;
    for (const WatchStep& step : watch_.Next(found, routes_)) {
      absl::StrAppend(&text, step.name, ": load ", step.load, ", unload ", step.unload,
                      step.force ? " by force; " : "; ");
    }
    return text;
  }

  Metrics metrics_;
  ModelTable models_{{}, Clock::Real(), metrics_};
  ModelRoutes routes_{{}};
  RepositoryWatch watch_{{}};
};

TEST_F(RepositoryWatchTest, ANewVersionIsLoadedOnceItLooksTheSameTwice) {
  EXPECT_EQ(Look({{"xray", "2", "a"}}), "");
  EXPECT_EQ(Look({{"xray", "2", "a"}, {"xray", "3", "half"}}), "");
  EXPECT_EQ(Look({{"xray", "2", "a"}, {"xray", "3", "whole"}}), "");
  EXPECT_EQ(Look({{"xray", "2", "a"}, {"xray", "3", "whole"}}), "xray: load 3, unload 2; ");
}

TEST_F(RepositoryWatchTest, ARefusedVersionIsTriedAgainWhenItChanges) {
  const std::vector<FoundVersion> half = {{"xray", "2", "a"}, {"xray", "3", "half"}};
  const std::vector<FoundVersion> whole = {{"xray", "2", "a"}, {"xray", "3", "whole"}};
  EXPECT_EQ(Look(half), "");
  EXPECT_EQ(Look(half), "xray: load 3, unload 2; ");
  EXPECT_EQ(Look(half), "") << "refused, and the same still";
  EXPECT_EQ(Look(whole), "");
  EXPECT_EQ(Look(whole), "xray: load 3, unload 2; ");
}

TEST_F(RepositoryWatchTest, LowerVersionsAreLeftAlone) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Look({{"xray", "1", "a"}, {"xray", "2", "a"}}), "");
  }
}

TEST_F(RepositoryWatchTest, OfSeveralNewOnesTheHighestIsLoaded) {
  const std::vector<FoundVersion> found = {
      {"xray", "2", "a"}, {"xray", "9", "a"}, {"xray", "10", "a"}};
  EXPECT_EQ(Look(found), "");
  EXPECT_EQ(Look(found), "xray: load 10, unload 2; ");
}

TEST_F(RepositoryWatchTest, ANewNameIsLoaded) {
  const std::vector<FoundVersion> found = {{"frames", "1", "a"}, {"xray", "2", "a"}};
  EXPECT_EQ(Look(found), "");
  EXPECT_EQ(Look(found), "frames: load 1, unload ; ");
}

TEST_F(RepositoryWatchTest, WhatSomebodyTookOutStaysOut) {
  const std::vector<FoundVersion> found = {{"xray", "2", "a"}, {"xray", "3", "a"}};
  Load("xray", "3");
  EXPECT_EQ(Look(found), "");
  ASSERT_THAT(routes_.Remove("xray", "3", false), IsOk());
  EXPECT_EQ(Look(found), "");
  EXPECT_EQ(Look(found), "");
}

TEST_F(RepositoryWatchTest, WhatIsGoneTwiceIsTakenOut) {
  Load("xray", "3");
  const std::vector<FoundVersion> both = {{"xray", "2", "a"}, {"xray", "3", "a"}};
  EXPECT_EQ(Look(both), "");
  EXPECT_EQ(Look({{"xray", "2", "a"}}), "");
  EXPECT_EQ(Look(both), "") << "it was only moved";
  EXPECT_EQ(Look({{"xray", "2", "a"}}), "");
  EXPECT_EQ(Look({{"xray", "2", "a"}}), "xray: load , unload 3 by force; ");
}

TEST_F(RepositoryWatchTest, BeforeTheLastOneGoesALowerOneIsLoaded) {
  const std::vector<FoundVersion> lower = {{"xray", "1", "a"}};
  EXPECT_EQ(Look(lower), "");
  EXPECT_EQ(Look(lower), "xray: load 1, unload 2 by force; ");
}

TEST_F(RepositoryWatchTest, AnEmptyRepositoryIsOneThatCannotBeReached) {
  EXPECT_EQ(Look({{"xray", "2", "a"}}), "");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Look({}), "");
  }
}

TEST_F(RepositoryWatchTest, OnlyTheNamesAskedForAreFollowed) {
  RepositoryWatch watch({"frames"});
  const std::vector<FoundVersion> found = {
      {"frames", "1", "a"}, {"other", "1", "a"}, {"xray", "3", "a"}};
  EXPECT_TRUE(watch.Next(found, routes_).empty());
  const auto steps = watch.Next(found, routes_);
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].name, "frames");
}

TEST(LookAt, SeesWhatChanges) {
  test::FakeRepository repository;
  repository.Put("xray", "10");
  repository.Put("xray", "9");
  const auto first = LookAt(repository.folder());
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(first->size(), 2U);
  EXPECT_EQ((*first)[0].version, "9");
  EXPECT_EQ((*first)[1].version, "10");
  repository.Put("xray", "9", "more of it");
  const auto second = LookAt(repository.folder());
  ASSERT_THAT(second, IsOk());
  EXPECT_NE((*first)[0].looks, (*second)[0].looks);
  EXPECT_EQ((*first)[1].looks, (*second)[1].looks);
  EXPECT_THAT(LookAt(repository.folder() + "/nothing"), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace lingula
