#include "server/security/token.h"

#include <set>

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

TEST(Token, IsNewEachTimeAndFitsIntoAHeader) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto token = MakeToken();
    ASSERT_THAT(token, test::IsOk());
    EXPECT_THAT(*token, testing::MatchesRegex("lingula_[A-Za-z0-9_-]{43}"));
    EXPECT_TRUE(seen.insert(*token).second);
  }
}

TEST(Token, IsKeptAsItsHash) {
  // printf abc | sha256sum
  EXPECT_EQ(TokenHash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Token, ComparesWholeTexts) {
  EXPECT_TRUE(EqualInConstantTime("same", "same"));
  EXPECT_FALSE(EqualInConstantTime("same", "sama"));
  EXPECT_FALSE(EqualInConstantTime("same", "Xame"));
  EXPECT_FALSE(EqualInConstantTime("same", "sam"));
  EXPECT_TRUE(EqualInConstantTime("", ""));
}

}  // namespace
}  // namespace lingula
