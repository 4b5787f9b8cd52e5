// Losses and their gradients.
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/eval/pixel_scores.h"
#include "model/parity/check.h"
#include "model/parity/pixel_batches.h"
#include "model/train/losses.h"

namespace lingula::parity {
namespace {

// For values that tolerances.json does not list: of the largest value, which float32 keeps to 1e-7.
constexpr double kRelativeTolerance = 1e-5;

torch::Tensor Scalar(const nlohmann::json& value) {
  return torch::tensor(value.get<double>(), torch::kFloat64);
}

// A stored input whose gradient is wanted.
absl::StatusOr<torch::Tensor> Leaf(FileCheck& check, const std::string& name) {
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor input, check.Input(name));
  return input.requires_grad_();
}

void CompareLoss(FileCheck& check, const std::string& name, const torch::Tensor& loss,
                 const nlohmann::json& expected) {
  const double value = expected.get<double>();
  check.CompareTo(name, loss, Scalar(expected), kRelativeTolerance * std::max(1.0, value));
}

absl::Status CompareGradient(FileCheck& check, const std::string& name, const torch::Tensor& leaf) {
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor expected, check.Input(name));
  check.CompareTo(name, leaf.grad(), expected,
                  kRelativeTolerance * expected.abs().max().item<double>());
  return absl::OkStatus();
}

absl::Status CompareDiceCe(FileCheck& check, MonaiRelease release) {
  LINGULA_ASSIGN_OR_RETURN(const nlohmann::json cases, check.JsonNote("dice_ce"));
  for (const auto& [name, expected] : cases.items()) {
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor p, Leaf(check, name + ".p"));
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor stored, check.Input(name + ".y"));
    const auto y = stored.to(p.dtype());
    const auto loss = DiceCeLoss(p, y, release);
    loss.backward();
    check.CompareTo(name + ".total", loss, Scalar(expected.at("total")),
                    check.Tolerance(name + ".total"));
    CompareLoss(check, name + ".dice", DiceLoss(p, y), expected.at("dice"));
    check.Compare(name + ".grad", p.grad());
  }
  return absl::OkStatus();
}

absl::Status CompareZoneLoss(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const nlohmann::json cases, check.JsonNote("bce"));
  for (const auto& [name, expected] : cases.items()) {
    const std::string prefix = absl::StrCat("bce.", name);
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor p, Leaf(check, prefix + ".p"));
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor t, check.Input(prefix + ".t"));
    const auto loss = ZoneLoss(p, t);
    loss.backward();
    CompareLoss(check, prefix, loss, expected);
    LINGULA_RETURN_IF_ERROR(CompareGradient(check, prefix + ".grad", p));
  }
  return absl::OkStatus();
}

absl::Status CompareWarmUp(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const nlohmann::json cases, check.JsonNote("infonce"));
  for (const auto& [name, expected] : cases.items()) {
    const std::string prefix = absl::StrCat("nce.", name);
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor image, Leaf(check, prefix + ".image"));
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor text, Leaf(check, prefix + ".text"));
    const auto loss = WarmUpLoss(image, text);
    loss.backward();
    CompareLoss(check, prefix, loss, expected.at("loss"));
    LINGULA_RETURN_IF_ERROR(CompareGradient(check, prefix + ".grad_image", image));
    LINGULA_RETURN_IF_ERROR(CompareGradient(check, prefix + ".grad_text", text));
  }
  return absl::OkStatus();
}

// With the pairs' zones and without.
absl::Status ComparePairLoss(FileCheck& check, bool labels, const nlohmann::json& expected) {
  LINGULA_ASSIGN_OR_RETURN(const Formula formula, check.MakeFormula(FormulaFamily::kProLearn));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor image, Leaf(check, "itc.image"));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor text, Leaf(check, "itc.text"));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor zones, check.Input("itc.labels"));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor others, check.Input("itc.negative_permutation"));
  torch::nn::Sequential head = MatchingHead(image.size(1));
  formula.Fill(*head, "model.prototype.encoder.itm_head.");
  const auto pairs = PairLoss(image, text, labels ? zones : torch::Tensor());
  const auto matching = MatchingLoss(head, image, text, others.to(torch::kInt64));
  (pairs + matching).backward();
  const std::string prefix = absl::StrCat("itc.", labels ? "with_labels" : "without_labels");
  CompareLoss(check, prefix + ".total", pairs + matching, expected.at("total"));
  CompareLoss(check, prefix + ".infonce_part", pairs, expected.at("infonce_part"));
  CompareLoss(check, prefix + ".matching_part", matching, expected.at("matching_part"));
  LINGULA_RETURN_IF_ERROR(CompareGradient(check, prefix + ".grad_image", image));
  return CompareGradient(check, prefix + ".grad_text", text);
}

}  // namespace

absl::Status CheckLossesMonai101(FileCheck& check) {
  const torch::AutoGradMode gradients(true);
  LINGULA_RETURN_IF_ERROR(CompareDiceCe(check, MonaiRelease::k101));
  LINGULA_RETURN_IF_ERROR(CompareZoneLoss(check));
  return CompareWarmUp(check);
}

absl::Status CheckLossesMonai150(FileCheck& check) {
  const torch::AutoGradMode gradients(true);
  LINGULA_RETURN_IF_ERROR(CompareDiceCe(check, MonaiRelease::k150));
  LINGULA_ASSIGN_OR_RETURN(const nlohmann::json pairs, check.JsonNote("itc"));
  LINGULA_RETURN_IF_ERROR(ComparePairLoss(check, true, pairs.at("with_labels")));
  LINGULA_RETURN_IF_ERROR(ComparePairLoss(check, false, pairs.at("without_labels")));
  LINGULA_ASSIGN_OR_RETURN(const nlohmann::json metrics, check.JsonNote("batch_mean_metrics"));
  LINGULA_ASSIGN_OR_RETURN(const std::vector<BatchCounts> batches, CountBatches(check, "metric"));
  ComparePixelScores(check, "batch_mean", BatchMeanScores(batches), metrics);
  return absl::OkStatus();
}

}  // namespace lingula::parity
