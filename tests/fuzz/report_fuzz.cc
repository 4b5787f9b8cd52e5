#include "model/text/report_grammar.h"
#include "tests/fuzz/target.h"

namespace lingula::fuzz {

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds = {ReportFor(ZoneBits(0)), "", "no infection",
                                    std::string("\0,.\xff", 4)};
  seeds.emplace_back(
      "Bilateral  pulmonary infection ,two infected areas,all left lung and middle lower right "
      "lung.");
  for (const int bits : {1, 0b001000, 0b100110, 0b111111}) {
    seeds.push_back(ReportFor(ZoneBits(bits)));
  }
  return seeds;
}

bool Accepts(absl::string_view input) {
  const auto zones = ParseReport(input);
  if (zones.ok()) {
    const auto again = ParseReport(ReportFor(*zones));
    Require(again.ok() && *again == *zones, "a report that is read can be written");
  } else {
    RequireMessage(zones.status().message());
  }
  return zones.ok();
}

}  // namespace lingula::fuzz
