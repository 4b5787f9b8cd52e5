#include "client/console/page_answer.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "client/answer_text.h"
#include "client/flag_words.h"
#include "client/mask_shapes.h"

namespace lingula::console {
namespace {

using nlohmann::json;

json FlagsJson(const v1::SegmentResponse& answer) {
  json flags = json::array();
  for (const int number : answer.flags()) {
    const auto flag = static_cast<v1::Flag>(number);
    flags.push_back({{"name", cli::FlagName(flag)}, {"meaning", cli::FlagMeaning(flag)}});
  }
  return flags;
}

void PutSize(const cli::Masks& masks, json& into) {
  if (!masks.empty()) {
    into["width"] = masks[0].width();
    into["height"] = masks[0].height();
  }
}

std::string Text(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string Envelope(absl::string_view json, const std::vector<absl::string_view>& parts) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) {
    bytes += static_cast<char>(json.size() >> shift & 0xff);
  }
  absl::StrAppend(&bytes, json);
  for (const absl::string_view part : parts) {
    absl::StrAppend(&bytes, part);
  }
  return bytes;
}

std::string PageAnswer(v1::SegmentResponse answer, std::chrono::microseconds round_trip) {
  const v1::Mask* mask = cli::FindMask(answer.masks(), v1::MASK_FORMAT_PROBABILITIES_UINT8);
  const std::string probabilities = mask == nullptr ? "" : mask->probabilities_uint8();
  json page = {{"path", cli::SvgPath(answer.masks())},
               {"second_path", cli::SvgPath(answer.second_opinion().masks())},
               {"second_words", cli::ChangedZonesText(answer)},
               {"flags", FlagsJson(answer)},
               {"round_trip_us", round_trip.count()},
               {"parts", {probabilities.size()}}};
  PutSize(answer.masks(), page);
  answer.clear_masks();
  if (answer.has_second_opinion()) {
    answer.mutable_second_opinion()->clear_masks();
  }
  page["answer"] = json::parse(cli::ToJson(answer), nullptr, /*allow_exceptions=*/false);
  return Envelope(Text(page), {probabilities});
}

std::string PageFrame(const v1::SegmentStreamResponse& answer, std::chrono::microseconds latency,
                      absl::string_view jpeg) {
  json page = {
      {"frame", answer.frame_number()}, {"latency_us", latency.count()}, {"parts", json::array()}};
  if (answer.has_drop()) {
    page["drop"] = v1::DropReason_Name(answer.drop().reason());
    page["message"] = answer.drop().message();
    return Envelope(Text(page), {});
  }
  const v1::SegmentResponse& result = answer.result();
  page["path"] = cli::SvgPath(result.masks());
  page["sentence"] = result.location().sentence();
  page["notice"] = result.notice();
  page["model"] = absl::StrCat(result.model().name(), "@", result.model().version());
  page["foreground_share"] = result.quality().area_share();
  page["server_us"] = result.timing().total_us();
  if (result.quality().has_expected_dice()) {
    page["dice"] = result.quality().expected_dice();
  }
  PutSize(result.masks(), page);
  page["parts"] = {jpeg.size()};
  return Envelope(Text(page), {jpeg});
}

}  // namespace lingula::console
