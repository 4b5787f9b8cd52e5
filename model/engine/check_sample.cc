#include "model/engine/check_sample.h"

#include "absl/strings/str_cat.h"

namespace lingula {
namespace {

const char* NameOf(GuidanceMode mode) {
  switch (mode) {
    case GuidanceMode::kGeneratedReport:
      return "a report of its own";
    case GuidanceMode::kPrototypes:
      return "prototypes";
    case GuidanceMode::kReport:
      return "the caller's report";
    case GuidanceMode::kWithheld:
      break;
  }
  return "nothing";
}

}  // namespace

absl::Status CheckSample(const Engine& engine, const Sample& sample) {
  const size_t needed =
      static_cast<size_t>(engine.channels()) * engine.side_px() * engine.side_px();
  if (sample.pixels.size() != needed) {
    return absl::InvalidArgumentError(
        absl::StrCat("the network input has ", sample.pixels.size(), " values, needs ", needed));
  }
  if (!engine.Supports(sample.guidance)) {
    return absl::InvalidArgumentError(
        absl::StrCat("this network cannot be guided by ", NameOf(sample.guidance)));
  }
  if (!sample.free_text.empty() && !engine.ReadsFreeText()) {
    return absl::InvalidArgumentError("this network has no text tower for free text");
  }
  if (sample.second_opinion &&
      !(engine.GivesSecondOpinions() && sample.guidance == OwnGuidance(engine))) {
    return absl::InvalidArgumentError(
        "this network gives second opinions only where it guides itself, if at all");
  }
  return absl::OkStatus();
}

}  // namespace lingula
