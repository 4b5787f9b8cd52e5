// One golden file under check: what it stores, and how what we compute compares.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <torch/torch.h>
#include <nlohmann/json_fwd.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/bundle/safetensors.h"
#include "model/parity/formula_fill.h"
#include "model/parity/golden_folder.h"

namespace lingula::parity {

// One compared tensor.
struct Row {
  std::string name;       // as stored; a variant stands in brackets: "probabilities (served)"
  double difference = 0;  // largest absolute; NaN where one side is, or nothing could be compared
  double tolerance = 0;   // 0: must be equal
  std::string note;       // why it fails, where the figures do not say it

  bool ok() const { return note.empty() && difference <= tolerance; }
};

// A check reads inputs, runs our code and reports every stored tensor once or more. What it leaves
// out is found by Finish. Used by one thread.
class FileCheck {
 public:
  // `name` such as "convnext.safetensors" or "tokenizer.jsonl".
  // Errors   those of SafeTensors::Open and ReadFile.
  static absl::StatusOr<FileCheck> Open(const GoldenFolder& folder, const std::string& name);

  const GoldenFolder& folder() const { return *folder_; }
  // --- what is stored. All errors name the tensor or key.
  std::vector<std::string> Names() const;  // of tensors
  bool Has(const std::string& tensor) const;
  // A stored tensor that is an input, or is to be compared by hand. Reading is enough only for
  // tensors that tolerances.json does not list.
  absl::StatusOr<torch::Tensor> Input(const std::string& tensor);
  absl::StatusOr<std::string> Note(const std::string& key) const;  // metadata
  absl::StatusOr<nlohmann::json> JsonNote(const std::string& key) const;
  // A file of text; JSON Lines are one value a line. Without `name`, the file under check.
  absl::StatusOr<nlohmann::json> Json(const std::string& name = "") const;
  absl::StatusOr<std::vector<std::string>> Lines() const;
  // With the salt of this file, or for a file of text with the folder's.
  absl::StatusOr<Formula> MakeFormula(FormulaFamily family = FormulaFamily::kSgseg) const;
  // For files that hold outputs of several batches as "BATCH.tensor": the batches.
  std::vector<std::string> Batches() const;

  // --- what was computed. `variant` names another way to the same tensor.
  // Compares with NAME, or with NAME.sample (every k-th value; k is the metadata's NAME.stride) and
  // NAME.stats, to the tolerance in tolerances.json. A sample is only as good as its statistics:
  // mean, population deviation, minimum and maximum of all values must meet the same tolerance, and
  // their Euclidean norm the tolerance times the root of their number, which are the largest
  // changes that differences within the tolerance can make.
  void Compare(const std::string& name, const torch::Tensor& actual,
               const std::string& variant = "");
  // The same to a tolerance of the check's own, for tensors that tolerances.json does not list.
  void CompareWithin(const std::string& name, const torch::Tensor& actual, double tolerance,
                     const std::string& variant = "");
  // Equality: ids, bits, indices.
  void CompareExactly(const std::string& name, const torch::Tensor& actual) {
    CompareWithin(name, actual, 0);
  }
  // With something else than the stored tensor: a value of the metadata, or a permutation.
  void CompareTo(const std::string& name, const torch::Tensor& actual,
                 const torch::Tensor& expected, double tolerance, const std::string& variant = "");
  void CompareText(const std::string& name, const std::string& actual, const std::string& expected);
  // A verdict by other means. The tensor of that name counts as compared.
  void Add(Row row);

  // Of tolerances.json; NaN, which nothing meets, where the tensor is not listed.
  double Tolerance(const std::string& name) const;
  // Adds a failed row for each tensor of tolerances.json that was not compared, and for each tensor
  // of the file that was not even read.
  void Finish();
  const std::vector<Row>& rows() const { return rows_; }

 private:
  FileCheck(const GoldenFolder& folder, std::string name)
      : folder_(&folder), name_(std::move(name)) {}
  std::string Stem() const;
  void CompareSample(const std::string& name, const torch::Tensor& actual, double tolerance,
                     const std::string& variant);

  const GoldenFolder* folder_;
  std::string name_;
  std::optional<SafeTensors> file_;
  std::string text_;
  std::set<std::string> read_, compared_;  // tensors, without .sample and .stats
  std::vector<Row> rows_;
};

// The largest |a - b|; NaN where either is NaN.
double MaxDifference(const torch::Tensor& a, const torch::Tensor& b);

}  // namespace lingula::parity
