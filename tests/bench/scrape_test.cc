#include "tests/bench/scrape.h"

#include "tests/support/status_matchers.h"

namespace lingula::bench {
namespace {

constexpr char kText[] =
    "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
    "# HELP a_total Counts\n"
    "# TYPE a_total counter\n"
    "a_total{code=\"OK\",model=\"m 1\"} 2\n"
    "a_total{code=\"OK\",model=\"n\"} 3\n"
    "a_total{code=\"NOT_OK\",model=\"n\"} 5\n"
    "a_total_other 7\n"
    "rss 1.5e+03\n";

TEST(ParseSamples, SkipsWhatIsNone) {
  const Samples samples = ParseSamples(kText);
  EXPECT_EQ(Sum(samples, "a_total"), 10);
  EXPECT_EQ(Sum(samples, "a_total", {"code=\"OK\""}), 5);
  EXPECT_EQ(Sum(samples, "a_total", {"code=\"OK\"", "model=\"n\""}), 3);
  EXPECT_EQ(Sum(samples, "rss"), 1500);
  EXPECT_EQ(Sum(samples, "missing"), 0);
}

TEST(Growth, TakesNewSamplesAsTheyAre) {
  const Samples growth = Growth({{"a", 2}}, {{"a", 5}, {"b", 1}});
  EXPECT_EQ(growth, (Samples{{"a", 3}, {"b", 1}}));
}

TEST(Scrape, NamesWhoIsNotThere) {
  EXPECT_THAT(Scrape("127.0.0.1:1"), test::StatusIs(absl::StatusCode::kUnavailable,
                                                    testing::HasSubstr("127.0.0.1:1/metrics")));
}

}  // namespace
}  // namespace lingula::bench
