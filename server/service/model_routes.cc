#include "server/service/model_routes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/service/model_table.h"

namespace lingula {
namespace {

// A status message must fit into 8 KiB of headers.
constexpr size_t kListedModels = 20;

const std::string& NameOf(const LoadedModel& model) {
  return model.manifest().name();
}

const std::string& VersionOf(const LoadedModel& model) {
  return model.manifest().version();
}

}  // namespace

std::string ModelId(absl::string_view name, absl::string_view version) {
  return absl::StrCat(name, "@", version);
}

absl::StatusOr<ModelHandle> ModelRoutes::Find(absl::string_view model,
                                              v1::Modality modality) const {
  absl::string_view reference = model;
  if (model.empty()) {
    const auto found = defaults_.find(modality);
    reference = found == defaults_.end() ? "" : absl::string_view(found->second);
  }
  if (ModelHandle found = Resolve(reference)) {
    return found;
  }
  for (const std::string& id : loading_) {
    if (model == id || model == absl::string_view(id).substr(0, id.rfind('@'))) {
      return absl::UnavailableError(absl::StrCat("model ", id, " is being loaded: retry later"));
    }
  }
  return NotFound(model);
}

ModelHandle ModelRoutes::Resolve(absl::string_view reference) const {
  const size_t at = reference.find('@');
  const std::string name(reference.substr(0, at));
  if (at == absl::string_view::npos) {
    const auto serving = serving_.find(name);
    return serving == serving_.end() ? nullptr : FindId(ModelId(name, serving->second));
  }
  if (ModelHandle found = FindId(reference)) {
    return found;
  }
  const auto alias = aliases_.find(AliasKey(name, std::string(reference.substr(at + 1))));
  return alias == aliases_.end() ? nullptr : FindId(ModelId(name, alias->second));
}

ModelHandle ModelRoutes::FindId(absl::string_view id) const {
  const auto found = std::find_if(models_.begin(), models_.end(),
                                  [id](const ModelHandle& model) { return model->id() == id; });
  return found == models_.end() ? nullptr : *found;
}

ModelHandle ModelRoutes::Heir(const LoadedModel& model) const {
  const auto found = std::find_if(models_.rbegin(), models_.rend(), [&](const ModelHandle& other) {
    return NameOf(*other) == NameOf(model) && other.get() != &model && !IsHeldBack(*other);
  });
  return found == models_.rend() ? nullptr : *found;
}

absl::Status ModelRoutes::NotFound(absl::string_view model) const {
  std::vector<absl::string_view> ids;
  for (size_t i = 0; i < std::min(models_.size(), kListedModels); ++i) {
    ids.push_back(models_[i]->id());
  }
  return absl::NotFoundError(absl::StrCat(
      model.empty() ? "no model reads this modality" : "no such model", "; loaded: ",
      absl::StrJoin(ids, ", "), models_.size() > kListedModels ? ", and more (ListModels)" : ""));
}

bool ModelRoutes::IsDefault(const LoadedModel& model) const {
  const auto found = defaults_.find(model.modality());
  return found != defaults_.end() && Resolve(found->second).get() == &model;
}

bool ModelRoutes::IsServing(const LoadedModel& model) const {
  return ServingVersion(NameOf(model)) == VersionOf(model);
}

bool ModelRoutes::IsHeldBack(const LoadedModel& model) const {
  return held_back_.count(model.id()) > 0;
}

std::vector<std::string> ModelRoutes::AliasesOf(const LoadedModel& model) const {
  std::vector<std::string> aliases;
  for (const auto& [key, version] : aliases_) {
    if (key.first == NameOf(model) && version == VersionOf(model)) {
      aliases.push_back(key.second);
    }
  }
  return aliases;
}

std::string ModelRoutes::ServingVersion(const std::string& name) const {
  const auto found = serving_.find(name);
  return found == serving_.end() ? "" : found->second;
}

const RouteChange* ModelRoutes::LastChange(const std::string& name) const {
  const auto found =
      std::find_if(changes_.rbegin(), changes_.rend(),
                   [&name](const RouteChange& change) { return change.name == name; });
  return found == changes_.rend() ? nullptr : &*found;
}

}  // namespace lingula
