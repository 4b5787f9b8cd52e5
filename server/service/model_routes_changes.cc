// The changes of ModelRoutes; how names are looked up is in model_routes.cc.
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/base/status_macros.h"
#include "server/service/model_routes.h"
#include "server/service/model_table.h"

namespace lingula {
namespace {

constexpr size_t kMaxAliasBytes = 32;
constexpr int kKeptChanges = 8;  // of each name
constexpr size_t kKeptFailures = 64;

const std::string& NameOf(const LoadedModel& model) {
  return model.manifest().name();
}

const std::string& VersionOf(const LoadedModel& model) {
  return model.manifest().version();
}

int64_t VersionNumber(absl::string_view version) {
  int64_t number = 0;
  return absl::SimpleAtoi(version, &number) ? number : 0;
}

bool ComesBefore(const ModelHandle& a, const ModelHandle& b) {
  return std::make_pair(NameOf(*a), VersionNumber(VersionOf(*a))) <
         std::make_pair(NameOf(*b), VersionNumber(VersionOf(*b)));
}

absl::Status CheckAlias(const std::string& alias) {
  const auto allowed = [](char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_'; };
  if (alias.empty() || alias.size() > kMaxAliasBytes || !absl::ascii_isalpha(alias.front()) ||
      !std::all_of(alias.begin(), alias.end(), allowed)) {
    return absl::InvalidArgumentError(
        "alias: must be a letter, then letters, digits, - and _, at most 32 in all");
  }
  return absl::OkStatus();
}

}  // namespace

ModelRoutes::ModelRoutes(std::vector<ModelHandle> models) : models_(std::move(models)) {
  for (const ModelHandle& model : models_) {
    arrivals_.push_back(model->id());
  }
  std::sort(models_.begin(), models_.end(), ComesBefore);
  for (const ModelHandle& model : models_) {
    serving_[NameOf(*model)] = VersionOf(*model);  // the last is the highest
  }
  RepairDefaults();
}

absl::Status ModelRoutes::Add(ModelHandle model, bool held_back) {
  if (FindId(model->id()) != nullptr) {
    return absl::AlreadyExistsError(absl::StrCat("model ", model->id(), " is loaded already"));
  }
  const std::string name = NameOf(*model), version = VersionOf(*model);
  arrivals_.push_back(model->id());
  if (held_back) {
    held_back_.insert(model->id());
  }
  models_.insert(std::upper_bound(models_.begin(), models_.end(), model, ComesBefore), model);
  if (!held_back && VersionNumber(version) > VersionNumber(ServingVersion(name))) {
    return SetServing(name, version);
  }
  RepairDefaults();
  return absl::OkStatus();
}

absl::Status ModelRoutes::Replace(ModelHandle model) {
  for (ModelHandle& old : models_) {
    if (old->id() == model->id()) {
      old = std::move(model);
      return absl::OkStatus();
    }
  }
  return NotFound(model->id());
}

absl::Status ModelRoutes::Remove(const std::string& name, const std::string& version, bool force) {
  const ModelHandle model = FindId(ModelId(name, version));
  if (model == nullptr) {
    return NotFound(ModelId(name, version));
  }
  const std::vector<std::string> aliases = AliasesOf(*model);
  if (!aliases.empty() && !force) {
    return absl::FailedPreconditionError(
        absl::StrCat("model ", model->id(), " has the alias ", absl::StrJoin(aliases, ", "),
                     ": point it elsewhere first (SetAlias, RemoveAlias), or unload with force"));
  }
  const bool was_serving = IsServing(*model);
  const ModelHandle heir = was_serving ? Heir(*model) : nullptr;
  for (const auto& [modality, reference] : defaults_) {
    const bool survives = reference == name && heir != nullptr;
    if (Resolve(reference) == model && !survives && !force) {
      return absl::FailedPreconditionError(absl::StrCat(
          "model ", model->id(), " is a default, as ", reference,
          ", and nothing takes its place: choose another default first, or unload with force"));
    }
  }
  models_.erase(std::find(models_.begin(), models_.end(), model));
  arrivals_.erase(std::find(arrivals_.begin(), arrivals_.end(), model->id()));
  held_back_.erase(model->id());
  for (const std::string& alias : aliases) {
    aliases_.erase(AliasKey(name, alias));
  }
  if (was_serving) {
    serving_.erase(name);
  }
  if (heir != nullptr) {
    serving_[name] = VersionOf(*heir);
  }
  RepairDefaults();
  return absl::OkStatus();
}

absl::Status ModelRoutes::SetServing(const std::string& name, const std::string& version) {
  const std::string id = ModelId(name, version);
  if (FindId(id) == nullptr) {
    return NotFound(id);
  }
  const std::string before = ServingVersion(name);
  if (!before.empty() && before != version) {
    RouteChange change;
    change.kind = RouteChange::Kind::kServing;
    change.name = name;
    change.before = before;
    Record(std::move(change));
  }
  held_back_.erase(id);
  serving_[name] = version;
  RepairDefaults();
  return absl::OkStatus();
}

absl::Status ModelRoutes::SetDefault(v1::Modality modality, const std::string& reference) {
  const ModelHandle model = Resolve(reference);
  if (model == nullptr) {
    return NotFound(reference.empty() ? "?" : reference);
  }
  if (modality != v1::MODALITY_UNSPECIFIED && model->modality() != modality) {
    return absl::InvalidArgumentError(absl::StrCat("model ", model->id(), " reads ",
                                                   v1::Modality_Name(model->modality()), " only"));
  }
  const auto found = defaults_.find(modality);
  if (found == defaults_.end() || found->second != reference) {
    RouteChange change;
    change.kind = RouteChange::Kind::kDefault;
    change.name = NameOf(*model);
    change.modality = modality;
    change.before = found == defaults_.end() ? "" : found->second;
    Record(std::move(change));
  }
  defaults_[modality] = reference;
  return absl::OkStatus();
}

absl::Status ModelRoutes::SetAlias(const std::string& name, const std::string& alias,
                                   const std::string& version) {
  LINGULA_RETURN_IF_ERROR(CheckAlias(alias));
  if (FindId(ModelId(name, version)) == nullptr) {
    return NotFound(ModelId(name, version));
  }
  std::string& now = aliases_[AliasKey(name, alias)];
  if (now != version) {
    RouteChange change;
    change.kind = RouteChange::Kind::kAlias;
    change.name = name;
    change.alias = alias;
    change.before = now;
    Record(std::move(change));
  }
  now = version;
  return absl::OkStatus();
}

absl::Status ModelRoutes::RemoveAlias(const std::string& name, const std::string& alias) {
  const auto found = aliases_.find(AliasKey(name, alias));
  if (found == aliases_.end()) {
    return absl::NotFoundError("no such alias; GetStatus lists them");
  }
  for (const auto& [modality, reference] : defaults_) {
    if (reference == ModelId(name, alias)) {
      return absl::FailedPreconditionError(
          absl::StrCat(reference, " is the default of a modality: choose another default first"));
    }
  }
  RouteChange change;
  change.kind = RouteChange::Kind::kAlias;
  change.name = name;
  change.alias = alias;
  change.before = found->second;
  Record(std::move(change));
  aliases_.erase(found);
  RepairDefaults();
  return absl::OkStatus();
}

absl::Status ModelRoutes::Rollback(const std::string& name) {
  const RouteChange* const last = LastChange(name);
  if (last == nullptr) {
    return absl::FailedPreconditionError("nothing to roll back: no change of this name is kept");
  }
  const RouteChange change = *last;
  const bool is_reference = change.kind == RouteChange::Kind::kDefault;
  const std::string target = is_reference ? change.before : ModelId(name, change.before);
  if (!change.before.empty() && Resolve(target) == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot roll back: ", target, " is not loaded"));
  }
  changes_.erase(changes_.begin() + (last - changes_.data()));
  Undo(change);
  RepairDefaults();
  return absl::OkStatus();
}

void ModelRoutes::Undo(const RouteChange& change) {
  switch (change.kind) {
    case RouteChange::Kind::kServing:
      serving_[change.name] = change.before;
      held_back_.erase(ModelId(change.name, change.before));
      break;
    case RouteChange::Kind::kAlias:
      if (change.before.empty()) {
        aliases_.erase(AliasKey(change.name, change.alias));
      } else {
        aliases_[AliasKey(change.name, change.alias)] = change.before;
      }
      break;
    case RouteChange::Kind::kDefault:
      defaults_[change.modality] = change.before;
      break;
  }
}

void ModelRoutes::EndLoading(const std::string& id, const absl::Status& outcome) {
  loading_.erase(id);
  failed_.erase(id);
  if (!outcome.ok() && failed_.size() < kKeptFailures) {
    failed_[id] = std::string(outcome.message());
  }
}

void ModelRoutes::Record(RouteChange change) {
  const auto same = [&change](const RouteChange& other) { return other.name == change.name; };
  if (std::count_if(changes_.begin(), changes_.end(), same) >= kKeptChanges) {
    changes_.erase(std::find_if(changes_.begin(), changes_.end(), same));
  }
  changes_.push_back(std::move(change));
}

ModelHandle ModelRoutes::FirstOf(v1::Modality modality) const {
  for (const std::string& id : arrivals_) {
    ModelHandle model = FindId(id);
    if (!IsHeldBack(*model) &&
        (modality == v1::MODALITY_UNSPECIFIED || model->modality() == modality)) {
      return model;
    }
  }
  return nullptr;
}

void ModelRoutes::RepairDefaults() {
  std::set<v1::Modality> modalities = {v1::MODALITY_UNSPECIFIED};
  for (const ModelHandle& model : models_) {
    modalities.insert(model->modality());
  }
  for (const auto& [modality, reference] : defaults_) {
    modalities.insert(modality);
  }
  for (const v1::Modality modality : modalities) {
    const auto found = defaults_.find(modality);
    if (found != defaults_.end() && Resolve(found->second) != nullptr) {
      continue;
    }
    const ModelHandle first = FirstOf(modality);
    if (first == nullptr) {
      defaults_.erase(modality);
    } else {
      defaults_[modality] = IsServing(*first) ? NameOf(*first) : first->id();
    }
  }
}

}  // namespace lingula
