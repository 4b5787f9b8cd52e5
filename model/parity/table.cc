#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/parity/run.h"

namespace lingula::parity {
namespace {

std::string Line(const Row& row, int width) {
  const std::string difference =
      std::isnan(row.difference) ? "nan" : absl::StrFormat("%.2e", row.difference);
  std::string line =
      absl::StrFormat("  %-*s  %10s  %9s  %s", width, row.name, difference,
                      row.tolerance == 0 ? "equal" : absl::StrFormat("%.1e", row.tolerance),
                      row.ok() ? "ok" : "FAIL");
  return row.note.empty() ? line : absl::StrCat(line, "  ", row.note);
}

int64_t Good(const std::vector<Row>& rows) {
  return std::count_if(rows.begin(), rows.end(), [](const Row& r) { return r.ok(); });
}

}  // namespace

std::string Table(const std::vector<FileResult>& results) {
  std::string text;
  for (const FileResult& result : results) {
    int width = static_cast<int>(result.file.size()) - 2;  // rows are indented by two
    for (const Row& row : result.rows) {
      width = std::max(width, static_cast<int>(row.name.size()));
    }
    absl::StrAppend(&text,
                    absl::StrFormat("%-*s  max |diff|  tolerance  %s  (%.1f s)\n", width + 2,
                                    result.file, result.ok() ? "ok" : "FAIL", result.seconds));
    for (const Row& row : result.rows) {
      absl::StrAppend(&text, Line(row, width), "\n");
    }
    if (!result.status.ok()) {
      absl::StrAppend(&text, "  FAIL: ", std::string(result.status.message()), "\n");
    }
  }
  return absl::StrCat(text, Summary(results), "\n");
}

std::string Summary(const std::vector<FileResult>& results) {
  size_t files = 0, rows = 0;
  int64_t good_rows = 0;
  double seconds = 0;
  std::string failed;
  for (const FileResult& result : results) {
    files += result.ok() ? 1 : 0;
    rows += result.rows.size();
    good_rows += Good(result.rows);
    seconds += result.seconds;
    if (!result.ok()) {
      absl::StrAppend(&failed, failed.empty() ? "; FAIL: " : ", ", result.file);
    }
  }
  return absl::StrFormat("%d of %d files and %d of %d comparisons ok, %.0f s%s", files,
                         results.size(), good_rows, rows, seconds, failed);
}

std::string ToJson(const std::vector<FileResult>& results) {
  auto files = nlohmann::json::array();
  for (const FileResult& result : results) {
    auto rows = nlohmann::json::array();
    for (const Row& row : result.rows) {
      rows.push_back({{"name", row.name},
                      {"difference", row.difference},
                      {"tolerance", row.tolerance},
                      {"ok", row.ok()},
                      {"note", row.note}});
    }
    files.push_back({{"file", result.file},
                     {"ok", result.ok()},
                     {"error", std::string(result.status.message())},
                     {"seconds", result.seconds},
                     {"tensors", rows}});
  }
  // A file name or a string of a network may hold any bytes.
  return nlohmann::json({{"ok", AllOk(results)}, {"files", files}})
             .dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
         "\n";
}

}  // namespace lingula::parity
