#include "tests/bench/allocation_counts.h"

#include <cstdlib>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/bench/child.h"
#include "tests/support/status_matchers.h"

namespace lingula::bench {
namespace {

// All that a program allocates which allocates `count` blocks of 64 bytes by itself.
Allocations CountedIn(const std::string& kind, int count) {
  const auto counts = AllocationCounts::Create();
  EXPECT_THAT(counts, test::IsOk());
  const std::string command =
      absl::StrCat(absl::StrJoin((*counts)->Launcher(absl::StrCat(OwnFolder(), "/../bin")), " "),
                   " ", OwnFolder(), "/allocating ", kind, " ", count);
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  return (*counts)->Now();
}

class AllocationCountsTest : public testing::TestWithParam<const char*> {};

TEST_P(AllocationCountsTest, EveryWayOfAllocatingCountsOnce) {
  const Allocations without = CountedIn(GetParam(), 0);
  const Allocations with = CountedIn(GetParam(), 1000);
  EXPECT_EQ(with.calls - without.calls, 1000);
  EXPECT_EQ(with.bytes - without.bytes, 64 * 1000);
}

INSTANTIATE_TEST_SUITE_P(All, AllocationCountsTest,
                         testing::Values("malloc", "calloc", "realloc", "aligned_alloc",
                                         "posix_memalign", "new", "aligned_new"),
                         [](const auto& kind) { return std::string(kind.param); });

TEST(AllocationCounts, AreZeroBeforeAProgramRuns) {
  const auto counts = AllocationCounts::Create();
  ASSERT_THAT(counts, test::IsOk());
  EXPECT_EQ((*counts)->Now().calls, 0);
  EXPECT_EQ((*counts)->Now().bytes, 0);
}

}  // namespace
}  // namespace lingula::bench
