#include "tests/fuzz/mutate.h"

#include <set>

#include <gmock/gmock.h>

namespace lingula::fuzz {
namespace {

const std::vector<std::string> kSeeds = {"abc123", std::string(1 << 17, 'x'), ""};

TEST(MutateTest, SeedsComeFirst) {
  EXPECT_EQ(Input(kSeeds, 0), kSeeds[0]);
  EXPECT_EQ(Input(kSeeds, 2), "");
}

TEST(MutateTest, ANumberAlwaysMeansTheSameInput) {
  for (const uint64_t number : {3, 4, 1000}) {
    EXPECT_EQ(Input(kSeeds, number), Input(kSeeds, number));
  }
  // The same on every machine, so that a number in a report can be run again elsewhere.
  EXPECT_EQ(Input({"lung 123"}, 7), "lung 12g 123123");
}

TEST(MutateTest, InputsDifferAndStaySmall) {
  std::set<std::string> different;
  bool huge_number = false;
  for (uint64_t number = kSeeds.size(); number < 500; ++number) {
    const std::string input = Input(kSeeds, number);
    EXPECT_LE(input.size(), size_t{1} << 16);
    different.insert(input);
    huge_number = huge_number || input.find("18446744073709551615") != std::string::npos;
  }
  EXPECT_GT(different.size(), 250);
  EXPECT_TRUE(huge_number);
}

}  // namespace
}  // namespace lingula::fuzz
