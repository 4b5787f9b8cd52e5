#include "model/train/data_manifest.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/text/report_grammar.h"

namespace lingula {
namespace {

// Splits CSV text into records of fields; quotes may hold commas, line breaks and doubled quotes.
struct Record {
  int line = 0;
  std::vector<std::string> fields;
};

absl::StatusOr<std::vector<Record>> ParseCsv(absl::string_view text) {
  std::vector<Record> records;
  Record record;
  std::string field;
  bool quoted = false, any = false;
  int line = 1;
  const auto end_record = [&] {
    if (any) {
      record.fields.push_back(std::move(field));
      records.push_back(std::move(record));
    }
    record = Record();
    field.clear();
    any = false;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!any && c != '\n' && c != '\r') {
      record.line = line;
      any = true;
    }
    line += c == '\n' ? 1 : 0;
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      field += c;
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      record.fields.push_back(std::move(field));
      field.clear();
    } else if (!quoted && c == '\n') {
      end_record();
    } else if (quoted || c != '\r') {
      field += c;
    }
  }
  if (quoted) {
    return absl::InvalidArgumentError(
        absl::StrCat(record.line, ": this row has a quote that is never closed"));
  }
  end_record();
  return records;
}

constexpr int kLungs = 2;

std::string Resolve(const std::filesystem::path& folder, const std::string& path) {
  return path.empty() ? path : (folder / path).lexically_normal().string();
}

}  // namespace

std::optional<ZoneBits> ParseZones(absl::string_view text) {
  ZoneBits zones;
  int count = 0;
  for (const char c : text) {
    if (c == '0' || c == '1') {
      if (count == kZones) {
        return std::nullopt;
      }
      zones[count++] = c == '1';
    } else if (absl::string_view(" ,;|[]()").find(c) == absl::string_view::npos) {
      return std::nullopt;
    }
  }
  if (count == kLungs) {
    const bool left = zones[0], right = zones[1];
    for (int i = 0; i < kZones; ++i) {
      zones[i] = i < kZones / kLungs ? left : right;
    }
  } else if (count != kZones) {
    return std::nullopt;
  }
  return zones;
}

absl::StatusOr<std::vector<DataRow>> ReadDataManifest(const std::string& path,
                                                      const std::string& split, Masks masks) {
  LINGULA_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  const auto csv = ParseCsv(text);
  if (!csv.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ":", csv.status().message()));
  }
  const std::vector<Record>& records = *csv;
  std::map<std::string, size_t> columns;
  if (!records.empty()) {
    for (size_t i = 0; i < records[0].fields.size(); ++i) {
      columns[std::string(absl::StripAsciiWhitespace(records[0].fields[i]))] = i;
    }
  }
  for (const char* needed : {"image", "mask"}) {
    if (columns.count(needed) == 0) {
      return absl::InvalidArgumentError(absl::StrCat(path, ":1: the header has no column '", needed,
                                                     "'; needed are image and mask"));
    }
  }
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::vector<DataRow> rows;
  for (size_t r = 1; r < records.size(); ++r) {
    const Record& record = records[r];
    const auto field = [&](const char* name) {
      const auto column = columns.find(name);
      return column == columns.end() || column->second >= record.fields.size()
                 ? std::string()
                 : std::string(absl::StripAsciiWhitespace(record.fields[column->second]));
    };
    DataRow row;
    row.line = record.line;
    row.group = field("group");
    row.split = field("split");
    if (!split.empty() && columns.count("split") != 0 && row.split != split) {
      continue;
    }
    if (field("image").empty() || (field("mask").empty() && masks == Masks::kRequired)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ":", record.line, ": needs an image and a mask"));
    }
    row.image = Resolve(folder, field("image"));
    row.mask = Resolve(folder, field("mask"));
    row.report = field("report");
    if (const std::string zones = field("zones"); !zones.empty()) {
      row.zones = ParseZones(zones);
      if (!row.zones) {
        return absl::InvalidArgumentError(
            absl::StrCat(path, ":", record.line,
                         ": zones must be six 0/1, or two for whole lungs; got '", zones, "'"));
      }
    } else if (const auto parsed = ParseReport(row.report); !row.report.empty() && parsed.ok()) {
      row.zones = *parsed;
    }
    rows.push_back(std::move(row));
  }
  if (rows.empty()) {
    return absl::NotFoundError(absl::StrCat(
        path, ": has no row", split.empty() ? "" : absl::StrCat(" of the split '", split, "'")));
  }
  return rows;
}

}  // namespace lingula
