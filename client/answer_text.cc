#include "client/answer_text.h"

#include <algorithm>

#include <google/protobuf/util/json_util.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "client/flag_words.h"
#include "client/mask_files.h"
#include "model/base/log.h"

namespace lingula::cli {
namespace {

constexpr int kModelWidth = 20;
constexpr float kReportedFrom = 0.5F;  // as in ZoneProbability.probability

// log::Value is the one place that knows how to quote for JSON.
std::string Quoted(absl::string_view text) {
  return log::Value(text).json();
}

std::string Row(int file_width, absl::string_view file, absl::string_view model,
                absl::string_view share, absl::string_view dice, absl::string_view server,
                absl::string_view round_trip, absl::string_view flags) {
  return absl::StrFormat("%-*s  %-*s  %7s  %-19s  %9s  %13s  %s\n", file_width, file, kModelWidth,
                         model, share, dice, server, round_trip, flags);
}

std::string Milliseconds(double us) {
  return absl::StrFormat("%.1f", us / 1000.0);
}

std::string ModelText(const v1::ModelIdentity& model) {
  return absl::StrCat(model.name(), "@", model.version());
}

}  // namespace

AnswerTable::AnswerTable(size_t file_width)
    : file_width_(static_cast<int>(std::max(file_width, size_t{4}))) {}

std::string AnswerTable::Head() const {
  return cli::Row(file_width_, "file", "model", "mask %", "expected Dice", "server ms",
                  "round trip ms", "flags");
}

std::string AnswerTable::Row(const std::string& file, const v1::SegmentResponse& answer,
                             std::chrono::microseconds round_trip) const {
  std::string text =
      cli::Row(file_width_, file, ModelText(answer.model()),
               absl::StrFormat("%.2f", 100.0 * answer.quality().area_share()),
               ExpectedDiceText(answer.quality()), Milliseconds(answer.timing().total_us()),
               Milliseconds(static_cast<double>(round_trip.count())), FlagsText(answer));
  if (answer.guidance().zones_size() > 0) {
    absl::StrAppend(&text, "    zones: ", ZonesText(answer.guidance()), "\n");
  }
  if (answer.guidance().prototypes_size() > 0) {
    absl::StrAppend(&text, "    prototypes: ", PrototypesText(answer.guidance()), "\n");
  }
  if (answer.guidance().report_truncated()) {
    absl::StrAppend(&text,
                    "    the report was longer than the network reads; its end did not count\n");
  }
  for (const int flag : answer.flags()) {
    if (flag == v1::FLAG_OUT_OF_DISTRIBUTION) {
      absl::StrAppendFormat(
          &text,
          "    unlike the model's data: further from it than %.0f %% of it (distance %.2f)\n",
          100.0F * answer.quality().outlier_percentile(), answer.quality().outlier_distance());
    }
  }
  if (answer.has_second_opinion()) {
    absl::StrAppend(&text, "    second opinion: ", SecondOpinionText(answer), "\n");
  }
  if (answer.has_overlap()) {
    absl::StrAppend(&text, "    reference: ", OverlapText(answer.overlap()), "\n");
  }
  if (!answer.location().sentence().empty()) {
    absl::StrAppend(&text, "    ", answer.location().sentence(), "\n");
  }
  return text;
}

std::string ExpectedDiceText(const v1::Quality& quality) {
  if (!quality.has_expected_dice()) {
    return "n/a";
  }
  if (!quality.calibrated()) {
    return absl::StrFormat("%.2f (uncalibrated)", quality.expected_dice());
  }
  return absl::StrFormat("%.2f [%.2f, %.2f]", quality.expected_dice(), quality.expected_dice_low(),
                         quality.expected_dice_high());
}

std::string FlagsText(const v1::SegmentResponse& answer) {
  std::vector<std::string> names;
  for (const int flag : answer.flags()) {
    if (flag != v1::FLAG_UNCALIBRATED) {
      names.push_back(FlagName(static_cast<v1::Flag>(flag)));
    }
  }
  return names.empty() ? "-" : absl::StrJoin(names, ", ");
}

std::string ZoneText(v1::Zone zone) {
  const std::string name = v1::Zone_Name(zone);
  return absl::StrReplaceAll(absl::AsciiStrToLower(absl::StripPrefix(name, "ZONE_")), {{"_", " "}});
}

std::string ZonesText(const v1::GuidanceReceipt& guidance) {
  std::vector<std::string> zones;
  for (const v1::ZoneProbability& zone : guidance.zones()) {
    if (zone.probability() >= kReportedFrom) {
      zones.push_back(
          absl::StrFormat("%s %.0f %%", ZoneText(zone.zone()), 100.0F * zone.probability()));
    }
  }
  return zones.empty() ? "none" : absl::StrJoin(zones, ", ");
}

std::string PrototypesText(const v1::GuidanceReceipt& guidance) {
  std::vector<std::string> texts;
  for (const v1::RetrievedPrototype& prototype : guidance.prototypes()) {
    const std::string pool = prototype.zone() == v1::ZONE_UNSPECIFIED
                                 ? absl::StrCat("pool ", prototype.label())
                                 : ZoneText(prototype.zone());
    texts.push_back(
        absl::StrFormat("%s #%d (%.3f)", pool, prototype.index(), prototype.similarity()));
  }
  return absl::StrFormat("%s; margin %.3g", absl::StrJoin(texts, ", "),
                         guidance.prototype_margin());
}

std::string ChangedZonesText(const v1::SegmentResponse& answer) {
  std::vector<std::string> changes;
  for (const int changed : answer.second_opinion().changed_zones()) {
    for (const v1::ZoneProbability& zone : answer.guidance().zones()) {
      if (zone.zone() == changed) {
        changes.push_back(
            zone.probability() >= kReportedFrom
                ? absl::StrCat("had the report not named ", ZoneText(zone.zone()))
                : absl::StrCat("had the report named ", ZoneText(zone.zone()), ", too"));
      }
    }
  }
  return absl::StrJoin(changes, "; ");
}

std::string SecondOpinionText(const v1::SegmentResponse& answer) {
  const v1::SecondOpinion& opinion = answer.second_opinion();
  const std::string zones = ChangedZonesText(answer);
  return absl::StrCat(opinion.has_dice()
                          ? absl::StrFormat("Dice %.3f with the mask", opinion.dice())
                          : std::string("both masks are empty"),
                      zones.empty() ? "" : ", " + zones,
                      opinion.guidance().prototypes_size() > 0
                          ? "; prototypes: " + PrototypesText(opinion.guidance())
                          : "");
}

std::string OverlapText(const v1::Overlap& overlap) {
  const auto score = [](bool known, float value) {
    return known ? absl::StrFormat("%.3f", value) : std::string("n/a");
  };
  return absl::StrCat(
      "Dice ", score(overlap.has_dice(), overlap.dice()), ", Jaccard ",
      score(overlap.has_jaccard(), overlap.jaccard()), ", HD95 ",
      overlap.has_hausdorff95_px() ? absl::StrFormat("%.1f px", overlap.hausdorff95_px()) : "n/a");
}

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  return status.ok() ? json : "{}";
}

std::string AnswerJson(const std::string& file, v1::SegmentResponse answer,
                       const std::vector<std::string>& written,
                       std::chrono::microseconds round_trip) {
  v1::SecondOpinion opinion = answer.second_opinion();
  for (auto* masks : {answer.mutable_masks(), opinion.mutable_masks()}) {
    for (v1::Mask& mask : *masks) {
      if (!StandsInJson(mask.format())) {
        mask.clear_content();
      }
    }
  }
  if (answer.has_second_opinion()) {
    *answer.mutable_second_opinion() = opinion;
  }
  answer.clear_structured_report();
  const std::string paths = absl::StrJoin(
      written, ",",
      [](std::string* out, const std::string& path) { absl::StrAppend(out, Quoted(path)); });
  const std::string json = ToJson(answer);
  return absl::StrCat("{\"file\":", Quoted(file), ",\"written\":[", paths,
                      "],\"round_trip_us\":", round_trip.count(), ",", json.substr(1), "\n");
}

std::string ErrorJson(const std::string& file, const absl::Status& status) {
  return absl::StrCat("{\"file\":", Quoted(file),
                      ",\"error\":{\"code\":", Quoted(absl::StatusCodeToString(status.code())),
                      ",\"message\":", Quoted(status.message()), "}}\n");
}

std::string InWords(const absl::Status& status) {
  const absl::string_view why = status.message();
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return absl::StrCat("the server refused it: ", why);
    case absl::StatusCode::kOutOfRange:
      return absl::StrCat("too large: ", why);
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kUnavailable:
      return std::string(why);
    case absl::StatusCode::kDeadlineExceeded:
      return absl::StrCat("no answer in time (--deadline-ms gives more): ", why);
    case absl::StatusCode::kResourceExhausted:
      return absl::StrCat("the server is too busy: ", why);
    default:
      return absl::StrCat(absl::StatusCodeToString(status.code()), ": ", why);
  }
}

std::string Aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppendFormat(&line, "%-*s  ", static_cast<int>(widths[i]), row[i]);
    }
    absl::StrAppend(&text, absl::StripTrailingAsciiWhitespace(line), "\n");
  }
  return text;
}

}  // namespace lingula::cli
