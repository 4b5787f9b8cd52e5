#include "tests/bench/table.h"

#include <sstream>

#include <gmock/gmock.h>

namespace lingula::bench {
namespace {

Table ExampleTable() {
  Table table;
  table.key = "growth";
  table.title = "Time of an answer";
  table.row_head = "side";
  table.columns = {{"raw_ms", "raw, ms"}, {"png_ms", "PNG, ms"}};
  table.rows = {{"224", "224 px", {9.456, 10.25}}, {"4096", "4096 px", {171.6, std::nullopt}}};
  return table;
}

TEST(Table, IsMarkdownWithNumbersToTheRight) {
  std::stringstream text;
  Print(ExampleTable(), text);
  EXPECT_EQ(text.str(),
            "\nTime of an answer\n\n"
            "| side    | raw, ms | PNG, ms |\n"
            "|---------|--------:|--------:|\n"
            "| 224 px  |    9.46 |    10.2 |\n"
            "| 4096 px |     172 |         |\n");
}

TEST(Table, GivesEveryMeasuredCellAKey) {
  nlohmann::json json;
  AddToJson(ExampleTable(), json);
  EXPECT_EQ(json, nlohmann::json({{"growth_224_raw_ms", 9.456},
                                  {"growth_224_png_ms", 10.25},
                                  {"growth_4096_raw_ms", 171.6}}));
}

TEST(Shown, KeepsThreeDigits) {
  EXPECT_EQ(Shown(0.125), "0.12");
  EXPECT_EQ(Shown(12.34), "12.3");
  EXPECT_EQ(Shown(-1234.5), "-1234");
}

}  // namespace
}  // namespace lingula::bench
