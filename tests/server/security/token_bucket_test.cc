#include "server/security/token_bucket.h"

#include <gmock/gmock.h>

#include "tests/support/fake_clock.h"

namespace lingula {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Eq;
using testing::Optional;

TEST(TokenBucket, HoldsABurstAndFillsAtItsRate) {
  test::FakeClock clock;
  TokenBucket bucket;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(bucket.Take(10, 3, clock.Now()), std::nullopt) << i;
  }
  EXPECT_THAT(bucket.Take(10, 3, clock.Now()), Optional(Eq(microseconds(100'000))));
  clock.Advance(milliseconds(40));
  EXPECT_THAT(bucket.Take(10, 3, clock.Now()), Optional(Eq(microseconds(60'000))));
  clock.Advance(milliseconds(60));
  EXPECT_EQ(bucket.Take(10, 3, clock.Now()), std::nullopt);
}

TEST(TokenBucket, APauseEarnsNoMoreThanTheBurst) {
  test::FakeClock clock;
  TokenBucket bucket;
  EXPECT_EQ(bucket.Take(1, 2, clock.Now()), std::nullopt);
  EXPECT_FALSE(bucket.IsFull(1, 2, clock.Now()));
  clock.Advance(seconds(3600));
  EXPECT_TRUE(bucket.IsFull(1, 2, clock.Now()));
  EXPECT_EQ(bucket.Take(1, 2, clock.Now()), std::nullopt);
  EXPECT_EQ(bucket.Take(1, 2, clock.Now()), std::nullopt);
  EXPECT_NE(bucket.Take(1, 2, clock.Now()), std::nullopt);
}

TEST(TokenBucket, ANewRateHoldsAtOnce) {
  test::FakeClock clock;
  TokenBucket bucket;
  EXPECT_EQ(bucket.Take(1, 100, clock.Now()), std::nullopt);
  EXPECT_EQ(bucket.Take(1, 1, clock.Now()), std::nullopt) << "a smaller burst";
  EXPECT_NE(bucket.Take(1, 1, clock.Now()), std::nullopt);
  clock.Advance(milliseconds(1));
  EXPECT_EQ(bucket.Take(1000, 1, clock.Now()), std::nullopt);
}

}  // namespace
}  // namespace lingula
