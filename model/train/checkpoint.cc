#include "model/train/checkpoint.h"

#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/backend/weights.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

using AdamState = torch::optim::AdamWParamState;

// Parameters in the order of the optimiser's groups.
std::vector<torch::Tensor> Parameters(torch::optim::AdamW& optimizer) {
  std::vector<torch::Tensor> all;
  for (const auto& group : optimizer.param_groups()) {
    all.insert(all.end(), group.params().begin(), group.params().end());
  }
  return all;
}

std::string MomentName(size_t index, absl::string_view which) {
  return absl::StrCat("adam/", index, "/", which);
}

}  // namespace

absl::Status SaveCheckpoint(const std::string& path, const Learner& learner, const Learner& average,
                            torch::optim::AdamW& optimizer, const TrainState& state) {
  TensorWriter writer;
  writer.AddState(*learner, "model/");
  writer.AddState(*average, "average/");
  const auto parameters = Parameters(optimizer);
  for (size_t i = 0; i < parameters.size(); ++i) {
    const auto found = optimizer.state().find(parameters[i].unsafeGetTensorImpl());
    if (found == optimizer.state().end()) {
      continue;  // has had no gradient yet
    }
    const auto& moments = static_cast<const AdamState&>(*found->second);
    writer.Add(MomentName(i, "first"), moments.exp_avg());
    writer.Add(MomentName(i, "second"), moments.exp_avg_sq());
  }
  return writer.Write(path, {{"step", absl::StrCat(state.step)},
                             {"best_dice", absl::StrFormat("%.17g", state.best_dice)}});
}

absl::Status LoadCheckpoint(const std::string& path, Learner& learner, Learner& average,
                            torch::optim::AdamW& optimizer, TrainState& state) {
  LINGULA_ASSIGN_OR_RETURN(const SafeTensors file, SafeTensors::Open(path));
  LINGULA_RETURN_IF_ERROR(LoadState(*learner, file, "model/"));
  LINGULA_RETURN_IF_ERROR(LoadState(*average, file, "average/"));
  const auto read = [&](const char* key) {
    const auto found = file.metadata().find(key);
    return found == file.metadata().end() ? std::string() : found->second;
  };
  if (!absl::SimpleAtoi(read("step"), &state.step) ||
      !absl::SimpleAtod(read("best_dice"), &state.best_dice)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is not a checkpoint of lingula-train"));
  }
  const auto parameters = Parameters(optimizer);
  for (size_t i = 0; i < parameters.size(); ++i) {
    const auto first = file.tensors().find(MomentName(i, "first"));
    const auto second = file.tensors().find(MomentName(i, "second"));
    if (first == file.tensors().end() || second == file.tensors().end()) {
      continue;
    }
    auto moments = std::make_unique<AdamState>();
    moments->step(state.step);
    LINGULA_ASSIGN_OR_RETURN(torch::Tensor exp_avg, ToTensor(first->second));
    LINGULA_ASSIGN_OR_RETURN(torch::Tensor exp_avg_sq, ToTensor(second->second));
    moments->exp_avg(torch::empty_like(parameters[i]).copy_(exp_avg));
    moments->exp_avg_sq(torch::empty_like(parameters[i]).copy_(exp_avg_sq));
    optimizer.state()[parameters[i].unsafeGetTensorImpl()] = std::move(moments);
  }
  return absl::OkStatus();
}

}  // namespace lingula
