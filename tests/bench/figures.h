// What a run found, as a table for people and as JSON for scripts.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/bench/table.h"

namespace lingula::bench {

// What a figure should be at most or at least.
struct Aim {
  enum class Side { kAtMost, kAtLeast };
  Side side = Side::kAtMost;
  double bound = 0;
};
inline Aim AtMost(double bound) {
  return {Aim::Side::kAtMost, bound};
}
inline Aim AtLeast(double bound) {
  return {Aim::Side::kAtLeast, bound};
}

struct Figure {
  std::string key;  // of the JSON object; says the unit
  double value = 0;
  std::string meaning;
  std::optional<Aim> aim;
};

bool IsMet(const Figure& figure);  // true without an aim

class Figures {
 public:
  void Add(std::string key, double value, std::string meaning,
           std::optional<Aim> aim = std::nullopt);
  void AddTable(Table table) { tables_.push_back(std::move(table)); }
  const std::vector<Figure>& all() const { return all_; }
  const std::vector<Table>& tables() const { return tables_; }

 private:
  std::vector<Figure> all_;
  std::vector<Table> tables_;
};

// One row a figure: key, value, aim, "ok" or "MISSED", meaning. With a question mark when the
// machine was not `quiet`. Then the tables.
void PrintTable(const Figures& figures, bool quiet, std::ostream& out);
// {key: value, ...}, also of the tables' cells.
nlohmann::json ToJson(const Figures& figures);

}  // namespace lingula::bench
