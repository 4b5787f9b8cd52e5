#include "tests/bench/duration.h"

#include "tests/support/status_matchers.h"

namespace lingula::bench {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): many times

TEST(ParseDuration, TakesSecondsMinutesAndHours) {
  EXPECT_THAT(ParseDuration("45"), test::IsOkAndHolds(45s));
  EXPECT_THAT(ParseDuration("90s"), test::IsOkAndHolds(90s));
  EXPECT_THAT(ParseDuration("10m"), test::IsOkAndHolds(600s));
  EXPECT_THAT(ParseDuration("2h"), test::IsOkAndHolds(7200s));
}

TEST(ParseDuration, RefusesWhatIsNone) {
  for (const char* text : {"", "s", "0s", "-1m", "1.5h", "5x", "1h30m", "99999999h"}) {
    EXPECT_THAT(ParseDuration(text), test::StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

}  // namespace
}  // namespace lingula::bench
