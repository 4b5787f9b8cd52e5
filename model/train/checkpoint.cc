#include "model/train/checkpoint.h"

#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "model/backend/weights.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

using AdamState = torch::optim::AdamWParamState;
using Metadata = std::map<std::string, std::string>;

constexpr size_t kShownDigest = 12;

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

std::string Exact(double value) {
  return absl::StrFormat("%.17g", value);
}

Metadata MetadataOf(const RunIdentity& run, const TrainState& state) {
  const auto exact = [](std::string* out, double value) { absl::StrAppend(out, Exact(value)); };
  return {{"recipe", run.recipe},
          {"seed", absl::StrCat(run.seed)},
          {"images", absl::StrCat(run.images)},
          {"step", absl::StrCat(state.step)},
          {"best", Exact(state.best)},
          {"best_step", absl::StrCat(state.best_step)},
          {"sums", absl::StrJoin(state.sums, " ", exact)}};
}

std::string Entry(const Metadata& metadata, const char* key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? std::string() : found->second;
}

bool ReadState(const Metadata& metadata, TrainState& state) {
  bool good = absl::SimpleAtoi(Entry(metadata, "step"), &state.step) &&
              absl::SimpleAtod(Entry(metadata, "best"), &state.best) &&
              absl::SimpleAtoi(Entry(metadata, "best_step"), &state.best_step);
  state.sums.clear();
  for (const auto word : absl::StrSplit(Entry(metadata, "sums"), ' ', absl::SkipEmpty())) {
    good = absl::SimpleAtod(word, &state.sums.emplace_back()) && good;
  }
  return good;
}

absl::Status CheckIdentity(const std::string& path, const Metadata& metadata,
                           const RunIdentity& run) {
  const std::string recipe = Entry(metadata, "recipe");
  if (recipe.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is not a checkpoint of lingula-train, or of an older release"));
  }
  if (recipe != run.recipe) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": was made by another recipe (", recipe.substr(0, kShownDigest), ", this one is ",
        run.recipe.substr(0, kShownDigest),
        "): resume with the recipe and the --epochs of its run, or train into another folder"));
  }
  const std::pair<const char*, std::string> rest[] = {{"seed", absl::StrCat(run.seed)},
                                                      {"images", absl::StrCat(run.images)}};
  for (const auto& [key, value] : rest) {
    if (Entry(metadata, key) != value) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": was made with ", key, " ", Entry(metadata, key), ", not ", value,
                       ": a run goes on with the seed and data that it began with"));
    }
  }
  return absl::OkStatus();
}

absl::Status LoadMoments(const SafeTensors& file, torch::optim::AdamW& optimizer) {
  const auto parameters = Parameters(optimizer);
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (file.tensors().count(MomentName(i, "step")) == 0) {
      continue;  // had had no gradient yet
    }
    torch::Tensor parts[3];
    const char* const names[] = {"step", "first", "second"};
    for (size_t part = 0; part < 3; ++part) {
      LINGULA_ASSIGN_OR_RETURN(const TensorView view, file.Get(MomentName(i, names[part])));
      LINGULA_ASSIGN_OR_RETURN(parts[part], ToTensor(view));
      if (part > 0 && parts[part].sizes() != parameters[i].sizes()) {
        return absl::InvalidArgumentError(absl::StrCat(
            file.path(), ": ", MomentName(i, names[part]), " does not fit its parameter"));
      }
    }
    auto moments = std::make_unique<AdamState>();
    moments->step(parts[0].item<int64_t>());
    moments->exp_avg(torch::empty_like(parameters[i]).copy_(parts[1]));
    moments->exp_avg_sq(torch::empty_like(parameters[i]).copy_(parts[2]));
    optimizer.state()[parameters[i].unsafeGetTensorImpl()] = std::move(moments);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SaveCheckpoint(const std::string& path, const RunIdentity& run, const Learner& learner,
                            const Learner& average, torch::optim::AdamW& optimizer,
                            const TrainState& state) {
  TensorWriter writer;
  writer.AddState(learner, "model/");
  if (&average != &learner) {
    writer.AddState(average, "average/");
  }
  const auto parameters = Parameters(optimizer);
  for (size_t i = 0; i < parameters.size(); ++i) {
    const auto found = optimizer.state().find(parameters[i].unsafeGetTensorImpl());
    if (found == optimizer.state().end()) {
      continue;  // has had no gradient yet
    }
    const auto& moments = static_cast<const AdamState&>(*found->second);
    writer.Add(MomentName(i, "step"), torch::tensor(moments.step(), torch::kInt64));
    writer.Add(MomentName(i, "first"), moments.exp_avg());
    writer.Add(MomentName(i, "second"), moments.exp_avg_sq());
  }
  return writer.Write(path, MetadataOf(run, state));
}

absl::Status LoadCheckpoint(const std::string& path, const RunIdentity& run, Learner& learner,
                            Learner& average, torch::optim::AdamW& optimizer, TrainState& state) {
  LINGULA_ASSIGN_OR_RETURN(const SafeTensors file, SafeTensors::Open(path));
  LINGULA_RETURN_IF_ERROR(CheckIdentity(path, file.metadata(), run));
  if (!ReadState(file.metadata(), state)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": its counters cannot be read"));
  }
  LINGULA_RETURN_IF_ERROR(LoadState(learner, file, "model/"));
  if (&average != &learner) {
    LINGULA_RETURN_IF_ERROR(LoadState(average, file, "average/"));
  }
  return LoadMoments(file, optimizer);
}

}  // namespace lingula
