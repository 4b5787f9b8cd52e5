#include "tests/bench/figures.h"

#include <sstream>

#include <gmock/gmock.h>

#include "tests/bench/stats.h"

namespace lingula::bench {
namespace {

using testing::HasSubstr;

TEST(Percentile, IsAValueThatWasMeasured) {
  EXPECT_EQ(Percentile({7}, 0.99), 7);
  EXPECT_EQ(Median({3, 1, 2}), 2);
  EXPECT_EQ(Median({4, 1, 3, 2}), 2);
  std::vector<double> hundred;
  for (int i = 100; i > 0; --i) {
    hundred.push_back(i);
  }
  EXPECT_EQ(Percentile(hundred, 0.99), 99);
  EXPECT_EQ(Percentile(hundred, 1), 100);
}

TEST(Figures, AnAimIsMetOrMissed) {
  EXPECT_TRUE(IsMet({"a", 500, "", AtMost(500)}));
  EXPECT_FALSE(IsMet({"a", 501, "", AtMost(500)}));
  EXPECT_TRUE(IsMet({"a", 0.9, "", AtLeast(0.9)}));
  EXPECT_FALSE(IsMet({"a", 0.89, "", AtLeast(0.9)}));
  EXPECT_FALSE(IsMet({"a", std::nan(""), "", AtLeast(0.9)}));
  EXPECT_TRUE(IsMet({"a", 1e9, "", std::nullopt}));
}

TEST(Figures, TableAndJsonShowThem) {
  Figures figures;
  figures.Add("own_cost_us_p50", 612.4, "answer less bare", AtMost(500));
  figures.Add("throughput_ratio", 0.934, "server against engine", AtLeast(0.9));
  figures.Add("rss_mb", 311.2, "resident");
  std::stringstream table;
  PrintTable(figures, /*quiet=*/true, table);
  EXPECT_THAT(table.str(),
              HasSubstr("own_cost_us_p50        612  <= 500   MISSED   answer less bare"));
  EXPECT_THAT(table.str(),
              HasSubstr("throughput_ratio      0.93  >= 0.9   ok       server against"));
  EXPECT_THAT(table.str(), HasSubstr("rss_mb                 311                    resident\n"));
  std::stringstream noisy;
  PrintTable(figures, /*quiet=*/false, noisy);
  EXPECT_THAT(noisy.str(), HasSubstr("<= 500   MISSED?  answer less bare"));
  const auto json = ToJson(figures);
  EXPECT_EQ(json.size(), 3U);
  EXPECT_EQ(json["own_cost_us_p50"].get<double>(), 612.4);
}

TEST(Figures, TablesFollowThem) {
  Figures figures;
  figures.Add("rss_mb", 311.2, "resident");
  Table table;
  table.key = "streams";
  table.title = "Streams";
  table.row_head = "N";
  table.columns = {{"ms_p99", "p99, ms"}};
  table.rows = {{"2", "2", {31.5}}};
  figures.AddTable(table);
  std::stringstream text;
  PrintTable(figures, /*quiet=*/true, text);
  EXPECT_THAT(text.str(), HasSubstr("resident\n\nStreams\n\n| N   | p99, ms |\n"));
  EXPECT_EQ(ToJson(figures), nlohmann::json({{"rss_mb", 311.2}, {"streams_2_ms_p99", 31.5}}));
}

}  // namespace
}  // namespace lingula::bench
