#include "tests/bench/figures.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace lingula::bench {
namespace {

std::string AimText(const Figure& figure) {
  if (!figure.aim.has_value()) {
    return "";
  }
  return absl::StrFormat("%s %g",
                         figure.aim->side == Aim::Side::kAtMost ? "<=" : ">=", figure.aim->bound);
}

}  // namespace

bool IsMet(const Figure& figure) {
  if (!figure.aim.has_value()) {
    return true;
  }
  return figure.aim->side == Aim::Side::kAtMost ? figure.value <= figure.aim->bound
                                                : figure.value >= figure.aim->bound;
}

void Figures::Add(std::string key, double value, std::string meaning, std::optional<Aim> aim) {
  all_.push_back({std::move(key), value, std::move(meaning), aim});
}

void PrintTable(const Figures& figures, bool quiet, std::ostream& out) {
  size_t width = 0;
  for (const Figure& figure : figures.all()) {
    width = std::max(width, figure.key.size());
  }
  const int key = static_cast<int>(width);
  out << absl::StreamFormat("%-*s %9s  %-7s  %-7s  %s\n", key, "figure", "value", "aim", "", "");
  for (const Figure& figure : figures.all()) {
    std::string verdict;
    if (figure.aim.has_value()) {
      verdict = absl::StrCat(IsMet(figure) ? "ok" : "MISSED", quiet ? "" : "?");
    }
    out << absl::StreamFormat("%-*s %9s  %-7s  %-7s  %s\n", key, figure.key, Shown(figure.value),
                              AimText(figure), verdict, figure.meaning);
  }
  for (const Table& table : figures.tables()) {
    Print(table, out);
  }
}

nlohmann::json ToJson(const Figures& figures) {
  nlohmann::json json = nlohmann::json::object();
  for (const Figure& figure : figures.all()) {
    json[figure.key] = figure.value;
  }
  for (const Table& table : figures.tables()) {
    AddToJson(table, json);
  }
  return json;
}

}  // namespace lingula::bench
