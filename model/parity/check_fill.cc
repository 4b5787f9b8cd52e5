// The formula itself, against vectors that were published with it.
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/base/status_macros.h"
#include "model/parity/check.h"

namespace lingula::parity {
namespace {

struct Vector {
  std::string model, key, hash;
  std::vector<int64_t> shape;
  std::vector<double> first;
  double sum = 0;
};

absl::StatusOr<Vector> ReadVector(const nlohmann::json& json) {
  try {
    return Vector{json.at("model"), json.at("key"),   json.at("hash"),
                  json.at("shape"), json.at("first"), json.at("sum")};
  } catch (const nlohmann::json::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("not a fill vector: ", error.what()));
  }
}

}  // namespace

absl::Status CheckFillVectors(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const nlohmann::json json, check.Json());
  for (const auto& entry : json) {
    LINGULA_ASSIGN_OR_RETURN(const Vector v, ReadVector(entry));
    LINGULA_ASSIGN_OR_RETURN(const Formula formula,
                             check.MakeFormula(v.model == "prolearn" ? FormulaFamily::kProLearn
                                                                     : FormulaFamily::kSgseg));
    const std::string name = absl::StrCat(v.model, " ", v.key);
    check.CompareText(name + " hash", absl::StrFormat("0x%016X", Fnv1a(v.key)), v.hash);
    const auto values = formula.Make(v.key, v.shape).view(-1).to(torch::kFloat64);
    const auto first = torch::tensor(v.first, torch::kFloat64);
    check.CompareTo(name, values.slice(0, 0, first.size(0)), first, 0);
    // The order of the additions is free.
    check.CompareTo(name + " sum", values.sum(), torch::tensor(v.sum, torch::kFloat64),
                    1e-13 * values.abs().sum().item<double>());
  }
  return absl::OkStatus();
}

}  // namespace lingula::parity
