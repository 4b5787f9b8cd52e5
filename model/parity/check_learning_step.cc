// Training steps of the last decoder stage and the head: loss, gradients, normalisation statistics,
// optimiser.
#include <map>

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/nets/guide_decoder.h"
#include "model/nets/subpixel_head.h"
#include "model/parity/check.h"
#include "model/train/losses.h"

namespace lingula::parity {
namespace {

constexpr double kRate = 3e-4;
constexpr double kLossTolerance = 1e-5;
// Of a gradient's largest value: one value near the kink of a leaky ReLU moves it by 1.4e-3.
constexpr double kGradientTolerance = 5e-3;
// The first step of AdamW moves a value by the rate, up or down. Where the true gradient is 0,
// rounding decides which, so a single value may be off by two rates; but only where the gradient is
// small beside the tensor's largest, else kOff is all that rounding can do.
constexpr double kTwoRates = 2.05 * kRate;
constexpr double kSmallGradient = 0.01;
constexpr double kOff = 1e-6;
// Of the norm of a tensor after the step; the step itself changes it by 3e-3 or more.
constexpr double kNormTolerance = 1e-4;

using Named = std::map<std::string, torch::Tensor>;

GuideDecoderOptions Decoder4() {
  GuideDecoderOptions options;
  options.in_channels = 192;
  options.text_tokens = 9;
  return options;
}

// [B, h * h, C] -> [B, C, h, h].
torch::Tensor Map(const torch::Tensor& tokens, int64_t side) {
  return tokens.transpose(1, 2).reshape({tokens.size(0), tokens.size(2), side, side});
}

class Steps {
 public:
  Steps(const Formula& formula, const torch::Tensor& target)
      : x_(Map(formula.Make("input.step.x", {2, 784, 192}), 28)),
        skip_(Map(formula.Make("input.step.skip", {2, 3136, 96}), 56)),
        text_(formula.Make("input.step.text", {2, 24, 768})),
        target_(target.to(torch::kFloat32)),
        decoder_(Decoder4()),
        head_(96, 24) {
    formula.Fill(*decoder_, "model.decoder4.");
    formula.Fill(*head_, "model.");
    decoder_->train();
    head_->train();
    std::vector<torch::Tensor> parameters = decoder_->parameters();
    for (const torch::Tensor& parameter : head_->parameters()) {
      parameters.push_back(parameter);
    }
    optimizer_ = std::make_unique<torch::optim::AdamW>(
        parameters, torch::optim::AdamWOptions(kRate).weight_decay(0.01));
  }

  // One step; the loss before it.
  double Run() {
    const auto& text = decoder_->guide_layer()->ProjectText(text_);
    probabilities_ = torch::sigmoid(head_(decoder_(x_, skip_, text, torch::Tensor())));
    const auto loss = DiceCeLoss(probabilities_, target_, MonaiRelease::k101);
    optimizer_->zero_grad();
    loss.backward();
    optimizer_->step();
    return loss.item<double>();
  }

  torch::Tensor probabilities() const { return probabilities_.detach(); }  // of the last step
  // Copies of all parameters and statistics by the names of the state dict, and of the gradients.
  Named State() const { return Collect(false); }
  Named Gradients() const { return Collect(true); }

 private:
  Named Collect(bool gradients) const {
    Named named;
    const auto add = [&](const std::string& prefix, const torch::nn::Module& module) {
      for (const auto& item : module.named_parameters()) {
        named[prefix + item.key()] =
            (gradients ? item.value().grad() : item.value().detach()).clone();
      }
      for (const auto& item : module.named_buffers()) {
        if (!gradients && item.value().is_floating_point()) {
          named[prefix + item.key()] = item.value().clone();
        }
      }
    };
    add("decoder4.", *decoder_);
    add("", *head_);
    return named;
  }

  const torch::Tensor x_, skip_, text_, target_;
  mutable GuideDecoder decoder_;
  mutable SubpixelHead head_;
  torch::Tensor probabilities_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
};

double Largest(const torch::Tensor& tensor) {
  return tensor.abs().max().item<double>();
}

void CompareParameter(FileCheck& check, const std::string& name, const torch::Tensor& actual,
                      const torch::Tensor& expected, const torch::Tensor& gradient) {
  check.CompareTo(name, actual, expected, kTwoRates);
  const auto sure = gradient.abs() > kSmallGradient * Largest(gradient);
  check.CompareTo(name, actual.masked_select(sure), expected.masked_select(sure), kOff,
                  "where the gradient is large");
}

// The tensors that are stored whole.
absl::Status CompareStored(FileCheck& check, const Named& state, const Named& gradients) {
  for (const std::string& stored : check.Names()) {
    const bool gradient = absl::StartsWith(stored, "grad.");
    if (!gradient && !absl::StartsWith(stored, "after.")) {
      continue;
    }
    const std::string name = stored.substr(stored.find('.') + 1);
    const Named& ours = gradient ? gradients : state;
    if (ours.count(name) == 0 || !check.Has("grad." + name)) {
      return absl::NotFoundError(stored + ": not a parameter of this step");
    }
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor expected, check.Input(stored));
    const auto actual = ours.at(name).reshape(expected.sizes());  // scalars are stored as [1]
    if (gradient) {
      check.CompareTo(stored, actual, expected, kGradientTolerance * Largest(expected));
    } else {
      LINGULA_ASSIGN_OR_RETURN(const torch::Tensor slope, check.Input("grad." + name));
      CompareParameter(check, stored, actual, expected, slope);
    }
  }
  return absl::OkStatus();
}

void CompareSum(FileCheck& check, const std::string& name, double actual,
                const nlohmann::json& expected, double relative_tolerance) {
  const double value = expected.get<double>();
  check.Add({name, std::abs(actual - value), relative_tolerance * std::abs(value), ""});
}

// Sums over all tensors, those too large to be stored included.
absl::Status CompareSums(FileCheck& check, const Named& before, const Named& state,
                         const Named& gradients, const nlohmann::json& sums) {
  for (const auto& [name, expected] : sums.items()) {
    if (absl::EndsWith(name, "num_batches_tracked")) {
      continue;
    }
    if (state.count(name) == 0) {
      return absl::NotFoundError(name + ": not a parameter of this step");
    }
    const auto after = state.at(name).to(torch::kFloat64);
    const auto change = after - before.at(name).to(torch::kFloat64);
    CompareSum(check, name + " (norm)", after.norm().item<double>(), expected.at("l2"),
               kNormTolerance);
    CompareSum(check, name + " (norm of change)", change.norm().item<double>(),
               expected.at("l2_of_change"), kGradientTolerance);
    if (expected.contains("grad_l2")) {
      CompareSum(check, name + " (norm of gradient)",
                 gradients.at(name).to(torch::kFloat64).norm().item<double>(),
                 expected.at("grad_l2"), kGradientTolerance);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckTrainStep(FileCheck& check) {
  const torch::AutoGradMode gradients_on(true);
  LINGULA_ASSIGN_OR_RETURN(const Formula formula, check.MakeFormula());
  LINGULA_ASSIGN_OR_RETURN(const nlohmann::json json, check.Json("train_step.json"));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor target, check.Input("target"));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor exact, check.Input("loss_float64"));
  Steps steps(formula, target);
  const Named before = steps.State();
  std::vector<double> losses = {steps.Run()};
  check.Compare("probabilities_step0", steps.probabilities());
  const Named state = steps.State(), gradients = steps.Gradients();
  while (static_cast<int64_t>(losses.size()) < exact.numel()) {
    losses.push_back(steps.Run());
  }
  check.CompareWithin("loss", torch::tensor(losses, torch::kFloat64), kLossTolerance);
  check.CompareWithin("loss_float64", torch::tensor(losses, torch::kFloat64), kLossTolerance);
  LINGULA_RETURN_IF_ERROR(CompareStored(check, state, gradients));
  return CompareSums(check, before, state, gradients, json.at("parameters"));
}

}  // namespace lingula::parity
