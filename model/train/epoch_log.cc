#include "model/train/epoch_log.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/plot/plot.h"

namespace lingula {
namespace {

constexpr char kLogFile[] = "/log.csv", kCurveFile[] = "/curve.png";

}  // namespace

absl::StatusOr<EpochLog> EpochLog::Open(const std::string& folder,
                                        const std::vector<std::string>& terms, int64_t step) {
  std::vector<std::string> columns{"epoch", "step", "loss"};
  columns.insert(columns.end(), terms.begin(), terms.end());
  columns.insert(columns.end(), {"train_dice", "dice", "dice_withheld", "zone_accuracy",
                                 "images_per_second", "data_share"});
  EpochLog log(folder, std::move(columns));
  if (step == 0) {
    return log;
  }
  const auto text = ReadFile(folder + kLogFile);
  if (absl::IsNotFound(text.status())) {
    return log;  // interrupted in the first epoch
  }
  LINGULA_RETURN_IF_ERROR(text.status());
  LINGULA_RETURN_IF_ERROR(log.Read(*text, step));
  return log;
}

absl::Status EpochLog::Read(const std::string& text, int64_t step) {
  const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  if (lines.empty() || lines.front() != absl::StrJoin(columns_, ",")) {
    return absl::InvalidArgumentError(
        absl::StrCat(folder_, kLogFile, ": has other columns than this run writes (",
                     absl::StrJoin(columns_, ","), "): move it away"));
  }
  const auto at = std::find(columns_.begin(), columns_.end(), "step") - columns_.begin();
  for (size_t i = 1; i < lines.size(); ++i) {
    std::vector<std::string> row = absl::StrSplit(lines[i], ',');
    int64_t row_step = 0;
    if (row.size() != columns_.size() || !absl::SimpleAtoi(row[at], &row_step)) {
      return absl::InvalidArgumentError(
          absl::StrCat(folder_, kLogFile, ":", i + 1, ": is no row of a training log"));
    }
    if (row_step <= step) {
      rows_.push_back(std::move(row));
    }
  }
  return absl::OkStatus();
}

absl::Status EpochLog::Add(const Row& values) {
  std::vector<std::string>& row = rows_.emplace_back();
  for (const std::string& column : columns_) {
    const auto value = values.find(column);
    const bool whole = column == "epoch" || column == "step";
    row.push_back(value == values.end() ? std::string()
                                        : absl::StrFormat(whole ? "%.0f" : "%.5f", value->second));
  }
  std::string text = absl::StrJoin(columns_, ",") + "\n";
  for (const auto& line : rows_) {
    absl::StrAppend(&text, absl::StrJoin(line, ","), "\n");
  }
  LINGULA_RETURN_IF_ERROR(WriteFile(folder_ + kLogFile, text));
  return Draw();
}

std::vector<double> EpochLog::Column(absl::string_view name) const {
  const auto at = std::find(columns_.begin(), columns_.end(), name) - columns_.begin();
  std::vector<double> values;
  for (const auto& row : rows_) {
    double value = 0;
    values.push_back(absl::SimpleAtod(row[at], &value) ? value
                                                       : std::numeric_limits<double>::quiet_NaN());
  }
  return values;
}

absl::Status EpochLog::Draw() const {
  const std::pair<const char*, const char*> curves[] = {
      {"dice", "Dice, guided as in service"},
      {"dice_withheld", "Dice, guidance withheld"},
      {"train_dice", "Dice on training images"},
      {"zone_accuracy", "zones right"}};
  std::vector<Series> series;
  for (const auto& [column, name] : curves) {
    auto values = Column(column);
    if (std::any_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); })) {
      series.push_back({name, Column("epoch"), std::move(values)});
    }
  }
  if (series.empty()) {
    return absl::OkStatus();
  }
  Figure figure;
  figure.title = "Training";
  figure.x_label = "epoch";
  figure.y_range = AxisRange{0, 1};
  return PlotLines(folder_ + kCurveFile, figure, series);
}

}  // namespace lingula
