// Which loaded model answers to which name.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lingula/v1/image.pb.h"

namespace lingula {

class LoadedModel;
using ModelHandle = std::shared_ptr<LoadedModel>;  // shared: see ModelRetirement::Adopt

// One thing that was pointed elsewhere, so that it can be pointed back.
struct RouteChange {
  enum class Kind { kServing, kAlias, kDefault };
  Kind kind = Kind::kServing;
  std::string name;                                  // of the model that it is about
  std::string alias;                                 // kAlias
  v1::Modality modality = v1::MODALITY_UNSPECIFIED;  // kDefault
  std::string before;  // version, or for kDefault a reference; empty: there was none
};

// A value: copied, changed and put in place as a whole (ModelTable::Change). A bare name leads to
// the version of that name that serves, which is the newest to arrive without being held back,
// unless somebody chose another one; "name@version" leads to that version and "name@alias" to the
// one that the alias stands for. Every modality that is read has a default.
class ModelRoutes {
 public:
  // Start-up: in the order of the configuration, each once, none held back. The first of a modality
  // is its default: by name, so that newer versions inherit it, unless a higher version is there.
  explicit ModelRoutes(std::vector<ModelHandle> models);

  // `model`: one of the three forms above, or "": the default of `modality`, which may be
  // unspecified. Errors   NOT_FOUND with the ids of what is there; UNAVAILABLE while it is loaded.
  absl::StatusOr<ModelHandle> Find(absl::string_view model, v1::Modality modality) const;
  // "name@version"; null when it is not there.
  ModelHandle FindId(absl::string_view id) const;
  // By name and then version number.
  const std::vector<ModelHandle>& models() const { return models_; }
  // True when requests of its modality that name no model go there.
  bool IsDefault(const LoadedModel& model) const;
  // True when its bare name leads there.
  bool IsServing(const LoadedModel& model) const;
  bool IsHeldBack(const LoadedModel& model) const;
  std::vector<std::string> AliasesOf(const LoadedModel& model) const;
  // The version that the bare `name` leads to; empty: none.
  std::string ServingVersion(const std::string& name) const;
  // What is the default of which modality: the references that were set.
  const std::map<v1::Modality, std::string>& defaults() const { return defaults_; }
  // What Rollback(name) would undo; null: nothing.
  const RouteChange* LastChange(const std::string& name) const;
  // Ids that are being loaded.
  const std::set<std::string>& loading() const { return loading_; }
  // Ids that were refused, and why. A few at most.
  const std::map<std::string, std::string>& failed() const { return failed_; }

  // Every change below either happens whole or not at all.

  // A version that is held back serves by its version and its aliases only. Others take over the
  // bare name unless a higher version has it. ALREADY_EXISTS.
  absl::Status Add(ModelHandle model, bool held_back);
  // A new copy of a version that is there. NOT_FOUND.
  absl::Status Replace(ModelHandle model);
  // Takes a version out; its name goes to the highest one left that is not held back. NOT_FOUND;
  // FAILED_PRECONDITION, unless `force`, when an alias stands for it, or a default leads to it by
  // its version, or by its name and no other version takes that over. Then aliases go too.
  absl::Status Remove(const std::string& name, const std::string& version, bool force);
  // The version that the bare name leads to; no longer held back. NOT_FOUND.
  absl::Status SetServing(const std::string& name, const std::string& version);
  // `reference` in one of the forms of Find. NOT_FOUND; INVALID_ARGUMENT when it reads something
  // else.
  absl::Status SetDefault(v1::Modality modality, const std::string& reference);
  // A letter, then letters, digits, "-" and "_", 32 at most. INVALID_ARGUMENT, NOT_FOUND.
  absl::Status SetAlias(const std::string& name, const std::string& alias,
                        const std::string& version);
  absl::Status RemoveAlias(const std::string& name, const std::string& alias);
  // Undoes the last change of SetServing, SetAlias, RemoveAlias, SetDefault or Add about `name`.
  // FAILED_PRECONDITION when there is none, or what it would point to is not loaded.
  absl::Status Rollback(const std::string& name);

  // How a load goes: it begins, and ends well or with a reason.
  void BeginLoading(const std::string& id) { loading_.insert(id); }
  void EndLoading(const std::string& id, const absl::Status& outcome);

 private:
  using AliasKey = std::pair<std::string, std::string>;  // name, alias

  ModelHandle Resolve(absl::string_view reference) const;
  // The highest other version of its name that is not held back; null: none.
  ModelHandle Heir(const LoadedModel& model) const;
  absl::Status NotFound(absl::string_view model) const;
  void Record(RouteChange change);
  // Points back what `change` pointed elsewhere.
  void Undo(const RouteChange& change);
  ModelHandle FirstOf(v1::Modality modality) const;
  // Points defaults that lead nowhere to who came first, and gives new modalities one.
  void RepairDefaults();

  std::vector<ModelHandle> models_;
  std::vector<std::string> arrivals_;             // ids in order of arrival
  std::map<std::string, std::string> serving_;    // name to version
  std::map<AliasKey, std::string> aliases_;       // to version
  std::map<v1::Modality, std::string> defaults_;  // to reference
  std::set<std::string> held_back_, loading_;     // ids
  std::map<std::string, std::string> failed_;     // id to reason
  std::vector<RouteChange> changes_;              // the oldest first; a few of each name
};

// "name@version"
std::string ModelId(absl::string_view name, absl::string_view version);

}  // namespace lingula
