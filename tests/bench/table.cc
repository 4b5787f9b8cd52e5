#include "tests/bench/table.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace lingula::bench {
namespace {

using Line = std::vector<std::string>;

std::vector<Line> LinesOf(const Table& table) {
  std::vector<Line> lines(1, {table.row_head});
  for (const Table::Column& column : table.columns) {
    lines[0].push_back(column.head);
  }
  for (const Table::Row& row : table.rows) {
    Line& line = lines.emplace_back(1, row.name);
    for (const std::optional<double>& cell : row.cells) {
      line.push_back(cell.has_value() ? Shown(*cell) : "");
    }
  }
  return lines;
}

}  // namespace

std::string Shown(double value) {
  const double size = std::abs(value);
  return absl::StrFormat("%.*f", size >= 100 ? 0 : size >= 10 ? 1 : 2, value);
}

void Print(const Table& table, std::ostream& out) {
  const std::vector<Line> lines = LinesOf(table);
  std::vector<size_t> widths(lines[0].size(), 3);
  for (const Line& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) {
      widths[i] = std::max(widths[i], line[i].size());
    }
  }
  out << "\n" << table.title << "\n\n";
  for (size_t row = 0; row < lines.size(); ++row) {
    for (size_t i = 0; i < lines[row].size(); ++i) {
      const int width = static_cast<int>(widths[i]);
      out << absl::StreamFormat(i == 0 ? "| %-*s |" : " %*s |", width, lines[row][i]);
    }
    out << "\n";
    for (size_t i = 0; row == 0 && i < widths.size(); ++i) {
      out << (i == 0 ? "|" : "") << std::string(widths[i] + (i == 0 ? 2 : 1), '-')
          << (i == 0 ? "|" : ":|");
    }
    out << (row == 0 ? "\n" : "");
  }
}

void AddToJson(const Table& table, nlohmann::json& json) {
  for (const Table::Row& row : table.rows) {
    for (size_t i = 0; i < row.cells.size(); ++i) {
      if (row.cells[i].has_value()) {
        json[absl::StrCat(table.key, "_", row.key, "_", table.columns[i].key)] = *row.cells[i];
      }
    }
  }
}

}  // namespace lingula::bench
