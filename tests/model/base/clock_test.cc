#include "model/base/clock.h"

#include <gmock/gmock.h>

#include "tests/support/fake_clock.h"

namespace lingula {
namespace {

using namespace std::chrono_literals;  // NOLINT

TEST(ClockTest, RealNeverGoesBack) {
  const Instant first = Clock::Real().Now();
  EXPECT_LE(first, Clock::Real().Now());
}

TEST(MicrosBetweenTest, RoundsDownAndStaysInRange) {
  test::FakeClock clock;
  const Instant start = clock.Now();
  clock.Advance(2999ns);
  EXPECT_EQ(MicrosBetween(start, clock.Now()), 2U);
  EXPECT_EQ(MicrosBetween(clock.Now(), start), 0U);
  EXPECT_EQ(MicrosBetween(start, start + 2h), 0xffffffffU);
}

}  // namespace
}  // namespace lingula
