#include "tests/bench/stages.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace lingula::bench {
namespace {

double SecondsIn(const Samples& growth, absl::string_view stage) {
  const std::string label = absl::StrCat("stage=\"", stage, "\"");
  return Sum(growth, "lingula_stage_duration_seconds_sum", {label});
}

}  // namespace

void AddStageShares(const Samples& growth, absl::string_view load, Figures& figures) {
  const double total_s = SecondsIn(growth, "total");
  if (total_s <= 0) {
    return;
  }
  double rest = 100;
  for (const char* stage : {"decode", "preprocess", "queue", "infer", "postprocess", "encode"}) {
    const double percent = 100 * SecondsIn(growth, stage) / total_s;
    rest -= percent;
    figures.Add(absl::StrCat("stage_percent_", stage), percent,
                absl::StrCat("of an answer's time in the server, ", load));
  }
  figures.Add("stage_percent_rest", rest, "the same: between the stages, from thread to thread");
}

}  // namespace lingula::bench
