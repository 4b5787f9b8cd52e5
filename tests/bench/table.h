// How a figure changes with something: a table for people, one key a cell for scripts.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace lingula::bench {

struct Table {
  struct Column {
    std::string key;   // says the unit
    std::string head;  // so does it
  };
  struct Row {
    std::string key, name;
    std::vector<std::optional<double>> cells;  // of each column; nothing: was not measured
  };
  std::string key;       // JSON keys are <key>_<row's>_<column's>
  std::string title;     // what it shows, for people
  std::string row_head;  // of the rows' names
  std::vector<Column> columns;
  std::vector<Row> rows;
};

// The title, then the table in Markdown.
void Print(const Table& table, std::ostream& out);
// Adds a number for each cell that was measured.
void AddToJson(const Table& table, nlohmann::json& json);

// Three or four digits that matter, never an exponent.
std::string Shown(double value);

}  // namespace lingula::bench
