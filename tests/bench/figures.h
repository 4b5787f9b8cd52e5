// What a run found, as a table for people and as JSON for scripts.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

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
  const std::vector<Figure>& all() const { return all_; }

 private:
  std::vector<Figure> all_;
};

// One row a figure: key, value, aim, "ok" or "MISSED", meaning. With a question mark when the
// machine was not `quiet`.
void PrintTable(const Figures& figures, bool quiet, std::ostream& out);
// {key: value, ...}
nlohmann::json ToJson(const Figures& figures);

}  // namespace lingula::bench
