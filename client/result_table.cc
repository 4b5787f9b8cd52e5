#include "client/result_table.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/answer_text.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"

namespace lingula::cli {
namespace {

namespace fs = std::filesystem;

// What resuming reads stands first. Docs: docs/api.md.
constexpr std::array<const char*, 32> kColumns = {"file",
                                                  "frame",
                                                  "frames",
                                                  "status",
                                                  "code",
                                                  "message",
                                                  "written",
                                                  "settings",
                                                  "expected_dice",
                                                  "expected_dice_low",
                                                  "expected_dice_high",
                                                  "coverage",
                                                  "calibrated",
                                                  "area_share",
                                                  "foreground_pixels",
                                                  "component_count",
                                                  "presence_probability",
                                                  "guidance_agreement",
                                                  "outlier_percentile",
                                                  "flags",
                                                  "sentence",
                                                  "second_opinion_dice",
                                                  "reference_dice",
                                                  "reference_jaccard",
                                                  "reference_hausdorff95_px",
                                                  "model",
                                                  "version",
                                                  "weights_sha256",
                                                  "threshold",
                                                  "infer_us",
                                                  "total_us",
                                                  "round_trip_us"};
enum Column { kFile, kFrame, kFrames, kStatus, kCode, kMessage, kWritten, kSettings };
constexpr char kOk[] = "ok", kFailed[] = "failed";
constexpr char kPathSeparator[] = "|";

std::string Field(absl::string_view text) {
  if (text.find_first_of(",\"\r\n") == absl::string_view::npos) {
    return std::string(text);
  }
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string Line(const std::vector<std::string>& row) {
  return absl::StrCat(
      absl::StrJoin(row, ",",
                    [](std::string* out, const std::string& text) { out->append(Field(text)); }),
      "\n");
}

std::vector<std::string> Head() {
  return {kColumns.begin(), kColumns.end()};
}

std::string Figure(bool known, double value) {
  return known ? absl::StrFormat("%.6g", value) : std::string();
}

void AddQuality(const v1::Quality& q, std::vector<std::string>& row) {
  row.insert(row.end(), {Figure(q.has_expected_dice(), q.expected_dice()),
                         Figure(q.has_expected_dice_low(), q.expected_dice_low()),
                         Figure(q.has_expected_dice_high(), q.expected_dice_high()),
                         Figure(q.has_coverage(), q.coverage()), q.calibrated() ? "1" : "0",
                         Figure(true, q.area_share()), absl::StrCat(q.foreground_pixels()),
                         absl::StrCat(q.component_count()),
                         Figure(q.has_presence_probability(), q.presence_probability()),
                         Figure(q.has_guidance_agreement(), q.guidance_agreement()),
                         Figure(q.has_outlier_percentile(), q.outlier_percentile())});
}

bool AllThere(const std::string& written) {
  const std::vector<std::string> paths = absl::StrSplit(written, kPathSeparator, absl::SkipEmpty());
  return std::all_of(paths.begin(), paths.end(), [](const std::string& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
  });
}

}  // namespace

std::vector<std::vector<std::string>> ParseCsv(absl::string_view text) {
  std::vector<std::vector<std::string>> records;
  std::vector<std::string> record(1);
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      record.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      record.emplace_back();
    } else if (!quoted && c == '\n') {
      records.push_back(std::exchange(record, std::vector<std::string>(1)));
    } else if (quoted || c != '\r') {
      record.back() += c;
    }
  }
  return records;
}

ResultTable::ResultTable(std::string path, std::string settings)
    : path_(std::move(path)), settings_(std::move(settings)) {}

absl::StatusOr<ResultTable> ResultTable::Open(const std::string& path, const std::string& settings,
                                              bool resume) {
  ResultTable table(path, settings);
  std::error_code ignored;
  std::string old;
  if (resume && fs::exists(path, ignored)) {
    LINGULA_ASSIGN_OR_RETURN(old, ReadFile(path));
  }
  LINGULA_RETURN_IF_ERROR(table.Keep(old));
  table.out_.open(path, std::ios::binary | std::ios::app);
  if (!table.out_) {
    return absl::InternalError(absl::StrCat(path, ": cannot be written"));
  }
  return table;
}

// Writes the file anew with the rows of `old` that are done.
absl::Status ResultTable::Keep(const std::string& old) {
  const std::vector<std::vector<std::string>> rows = ParseCsv(old);
  if (!rows.empty() && rows[0] != Head()) {
    return absl::FailedPreconditionError(absl::StrCat(
        path_, ": its columns are not those of this program; choose another file for --csv"));
  }
  std::string kept = Line(Head());
  for (size_t i = 1; i < rows.size(); ++i) {
    const std::vector<std::string>& row = rows[i];
    uint32_t frame = 0, frames = 0;
    if (row.size() != kColumns.size() || row[kStatus] != kOk || !AllThere(row[kWritten]) ||
        !absl::SimpleAtoi(row[kFrame], &frame) || !absl::SimpleAtoi(row[kFrames], &frames)) {
      continue;
    }
    if (row[kSettings] != settings_) {
      return absl::FailedPreconditionError(
          absl::StrCat(path_,
                       ": was made with other settings (model, threshold, forms, ...): give "
                       "the same ones, or choose another file for --csv"));
    }
    if (done_.emplace(row[kFile], frame).second) {
      frames_[row[kFile]] = frames;
      kept += Line(row);
    }
  }
  return WriteFile(path_, kept);
}

bool ResultTable::IsDone(const std::string& file, uint32_t frame) const {
  return done_.count({file, frame}) > 0;
}

uint32_t ResultTable::FramesOf(const std::string& file) const {
  const auto found = frames_.find(file);
  return found == frames_.end() ? 0 : found->second;
}

absl::Status ResultTable::Add(const TableEntry& entry, const v1::SegmentResponse& answer) {
  std::vector<std::string> row = {entry.file,
                                  absl::StrCat(entry.frame),
                                  absl::StrCat(answer.dicom().frame_count()),
                                  kOk,
                                  "OK",
                                  "",
                                  absl::StrJoin(entry.written, kPathSeparator),
                                  settings_};
  AddQuality(answer.quality(), row);
  const v1::Overlap& overlap = answer.overlap();
  const std::string flags = FlagsText(answer);
  row.insert(
      row.end(),
      {absl::StrReplaceAll(flags == "-" ? "" : flags, {{", ", " "}}), answer.location().sentence(),
       Figure(answer.second_opinion().has_dice(), answer.second_opinion().dice()),
       Figure(overlap.has_dice(), overlap.dice()), Figure(overlap.has_jaccard(), overlap.jaccard()),
       Figure(overlap.has_hausdorff95_px(), overlap.hausdorff95_px()), answer.model().name(),
       answer.model().version(), answer.model().weights_sha256(), Figure(true, answer.threshold()),
       absl::StrCat(answer.timing().infer_us()), absl::StrCat(answer.timing().total_us()),
       absl::StrCat(entry.round_trip.count())});
  return Append(row);
}

absl::Status ResultTable::AddFailure(const std::string& file, uint32_t frame,
                                     const absl::Status& status) {
  std::vector<std::string> row(kColumns.size());
  row[kFile] = file;
  row[kFrame] = absl::StrCat(frame);
  row[kStatus] = kFailed;
  row[kCode] = absl::StatusCodeToString(status.code());
  row[kMessage] = std::string(status.message());
  row[kSettings] = settings_;
  return Append(row);
}

absl::Status ResultTable::Append(const std::vector<std::string>& row) {
  out_ << Line(row) << std::flush;
  return out_ ? absl::OkStatus() : absl::InternalError(absl::StrCat(path_, ": cannot be written"));
}

}  // namespace lingula::cli
