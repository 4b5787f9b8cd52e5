#include "model/parity/file_check.h"

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"

namespace lingula::parity {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr char kSample[] = ".sample", kStats[] = ".stats";

std::string Named(const std::string& name, const std::string& variant) {
  return variant.empty() ? name : absl::StrCat(name, " (", variant, ")");
}

// The tensor that a stored name, or one with a variant, belongs to.
std::string BaseOf(absl::string_view stored) {
  stored = stored.substr(0, stored.find(" ("));
  if (!absl::ConsumeSuffix(&stored, kSample)) {
    absl::ConsumeSuffix(&stored, kStats);
  }
  return std::string(stored);
}

std::string ShapeOf(const torch::Tensor& tensor) {
  return absl::StrJoin(tensor.sizes(), ",");
}

absl::StatusOr<nlohmann::json> Parse(const std::string& text, const std::string& what) {
  // Python writes NaN, which JSON does not know.
  auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) {
    return absl::InvalidArgumentError(what + ": not JSON");
  }
  return json;
}

}  // namespace

absl::StatusOr<FileCheck> FileCheck::Open(const GoldenFolder& folder, const std::string& name) {
  FileCheck check(folder, name);
  if (absl::EndsWith(name, ".safetensors")) {
    LINGULA_ASSIGN_OR_RETURN(check.file_, SafeTensors::Open(folder.PathOf(name)));
  } else {
    LINGULA_ASSIGN_OR_RETURN(check.text_, ReadFile(folder.PathOf(name)));
  }
  return check;
}

std::string FileCheck::Stem() const {
  return name_.substr(0, name_.rfind('.'));
}

std::vector<std::string> FileCheck::Names() const {
  std::vector<std::string> names;
  if (file_.has_value()) {
    for (const auto& [name, view] : file_->tensors()) {
      names.push_back(name);
    }
  }
  return names;
}

bool FileCheck::Has(const std::string& tensor) const {
  return file_.has_value() && file_->tensors().count(tensor) > 0;
}

absl::StatusOr<torch::Tensor> FileCheck::Input(const std::string& tensor) {
  if (!file_.has_value()) {
    return absl::NotFoundError(tensor + ": the file holds no tensors");
  }
  LINGULA_ASSIGN_OR_RETURN(const TensorView view, file_->Get(tensor));
  read_.insert(BaseOf(tensor));
  return CopyTensor(view);
}

absl::StatusOr<std::string> FileCheck::Note(const std::string& key) const {
  if (!file_.has_value() || file_->metadata().count(key) == 0) {
    return absl::NotFoundError(absl::StrCat("the metadata has no \"", key, "\""));
  }
  return file_->metadata().at(key);
}

absl::StatusOr<nlohmann::json> FileCheck::JsonNote(const std::string& key) const {
  LINGULA_ASSIGN_OR_RETURN(const std::string text, Note(key));
  return Parse(text, "metadata " + key);
}

absl::StatusOr<nlohmann::json> FileCheck::Json(const std::string& name) const {
  if (name.empty()) {
    return Parse(text_, name_);
  }
  LINGULA_ASSIGN_OR_RETURN(const std::string text, ReadFile(folder_->PathOf(name)));
  return Parse(text, name);
}

absl::StatusOr<std::vector<std::string>> FileCheck::Lines() const {
  std::vector<std::string> lines = absl::StrSplit(text_, '\n', absl::SkipEmpty());
  if (lines.empty()) {
    return absl::InvalidArgumentError(name_ + ": no lines");
  }
  return lines;
}

absl::StatusOr<Formula> FileCheck::MakeFormula(FormulaFamily family) const {
  LINGULA_ASSIGN_OR_RETURN(const uint64_t salt,
                           file_.has_value() ? SaltOf(*file_) : folder_->Salt());
  return Formula(salt, family);
}

std::vector<std::string> FileCheck::Batches() const {
  std::set<std::string> batches;
  for (const std::string& name : Names()) {
    batches.insert(name.substr(0, name.find('.')));
  }
  return {batches.begin(), batches.end()};
}

double FileCheck::Tolerance(const std::string& name) const {
  const auto& all = folder_->tolerances();
  const auto file = all.find(Stem());
  if (file == all.end() || file->second.count(name) == 0) {
    return kNaN;
  }
  return file->second.at(name);
}

void FileCheck::Compare(const std::string& name, const torch::Tensor& actual,
                        const std::string& variant) {
  const double tolerance = Tolerance(name);
  if (std::isnan(tolerance)) {
    Add({name, kNaN, kNaN, "tolerances.json does not list it"});
    return;
  }
  CompareWithin(name, actual, tolerance, variant);
}

void FileCheck::CompareWithin(const std::string& name, const torch::Tensor& actual,
                              double tolerance, const std::string& variant) {
  if (!Has(name) && (Has(name + kSample) || Has(name + kStats))) {
    CompareSample(name, actual, tolerance, variant);
    return;
  }
  const auto expected = Input(name);
  if (!expected.ok()) {
    Add({name, kNaN, tolerance, std::string(expected.status().message())});
    return;
  }
  CompareTo(name, actual, *expected, tolerance, variant);
}

void FileCheck::CompareTo(const std::string& name, const torch::Tensor& actual,
                          const torch::Tensor& expected, double tolerance,
                          const std::string& variant) {
  Row row{Named(name, variant), kNaN, tolerance, ""};
  if (actual.sizes() != expected.sizes()) {
    row.note = absl::StrCat("shape ", ShapeOf(actual), " instead of ", ShapeOf(expected));
  } else {
    row.difference = MaxDifference(actual, expected);
  }
  Add(std::move(row));
}

void FileCheck::CompareSample(const std::string& name, const torch::Tensor& actual,
                              double tolerance, const std::string& variant) {
  const auto sample = Input(name + kSample);
  const auto stats = Input(name + kStats);
  const auto stride = JsonNote(name + ".stride");
  const auto shape = Note(name + ".shape");
  for (const auto& status : {sample.status(), stats.status(), stride.status(), shape.status()}) {
    if (!status.ok()) {
      Add({Named(name, variant), kNaN, tolerance, std::string(status.message())});
      return;
    }
  }
  if (ShapeOf(actual) != *shape || !stride->is_number_integer() || stride->get<int64_t>() < 1) {
    Add({Named(name, variant), kNaN, tolerance,
         absl::StrCat("shape ", ShapeOf(actual), " instead of ", *shape, ", stride ",
                      stride->dump())});
    return;
  }
  const auto flat = actual.detach().reshape(-1).to(torch::kFloat64);
  CompareTo(name + kSample, flat.slice(0, 0, flat.numel(), stride->get<int64_t>()), *sample,
            tolerance, variant);
  const auto found =
      torch::stack({flat.mean(), flat.std(false), flat.norm(), flat.min(), flat.max()});
  const double root = std::sqrt(static_cast<double>(flat.numel()));
  const auto scale = torch::tensor({1.0, 1.0, root, 1.0, 1.0}, torch::kFloat64);
  CompareTo(name + kStats, found / scale, *stats / scale, tolerance, variant);
}

void FileCheck::CompareText(const std::string& name, const std::string& actual,
                            const std::string& expected) {
  Row row{name, actual == expected ? 0.0 : 1.0, 0, ""};
  if (actual != expected) {
    row.note = absl::StrCat("\"", actual, "\" instead of \"", expected, "\"");
  }
  Add(std::move(row));
}

void FileCheck::Add(Row row) {
  compared_.insert(BaseOf(row.name));
  rows_.push_back(std::move(row));
}

void FileCheck::Finish() {
  std::set<std::string> owed;
  for (const std::string& name : Names()) {
    if (read_.count(BaseOf(name)) == 0) {
      owed.insert(BaseOf(name));
    }
  }
  const auto listed = folder_->tolerances().find(Stem());
  if (listed != folder_->tolerances().end() && file_.has_value()) {
    for (const auto& [name, tolerance] : listed->second) {
      owed.insert(name);
    }
  }
  for (const std::string& name : owed) {
    if (compared_.count(name) == 0) {
      Add({name, kNaN, Tolerance(name), "not compared"});
    }
  }
}

double MaxDifference(const torch::Tensor& a, const torch::Tensor& b) {
  if (a.numel() == 0) {
    return 0;
  }
  return (a.detach().to(torch::kFloat64) - b.detach().to(torch::kFloat64))
      .abs()
      .max()
      .item<double>();
}

}  // namespace lingula::parity
