#include "server/service/model_status.h"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"

namespace lingula {
namespace {

v1::ModelStatus BareStatus(absl::string_view id, v1::ModelState state) {
  const size_t at = id.rfind('@');
  v1::ModelStatus status;
  status.set_name(std::string(id.substr(0, at)));
  status.set_version(std::string(id.substr(at + 1)));
  status.set_state(state);
  return status;
}

bool ComesBefore(const v1::ModelStatus& a, const v1::ModelStatus& b) {
  const auto key = [](const v1::ModelStatus& status) {
    int64_t version = 0;
    static_cast<void>(absl::SimpleAtoi(status.version(), &version));
    return std::make_tuple(absl::string_view(status.name()), version, status.state());
  };
  return key(a) < key(b);
}

}  // namespace

v1::ModelStatus StatusOf(const LoadedModel& model, const ModelRoutes& routes) {
  v1::ModelStatus status = BareStatus(model.id(), v1::MODEL_STATE_SERVING);
  status.set_weights_sha256(model.source().weights_sha256);
  status.set_answers_to_name(routes.IsServing(model));
  status.set_held_back(routes.IsHeldBack(model));
  for (std::string& alias : routes.AliasesOf(model)) {
    status.add_aliases(std::move(alias));
  }
  status.set_is_default(routes.IsDefault(model));
  const auto failed = routes.failed().find(model.id());
  if (failed != routes.failed().end()) {
    status.set_reason(failed->second);  // of a reload: this copy goes on
  }
  return status;
}

v1::GetStatusResponse StatusOfAll(const ModelTable& models, const std::string& name) {
  const auto routes = models.routes();
  std::vector<v1::ModelStatus> all;
  for (const ModelHandle& model : routes->models()) {
    all.push_back(StatusOf(*model, *routes));
  }
  for (const std::string& id : routes->loading()) {
    all.push_back(BareStatus(id, v1::MODEL_STATE_LOADING));
  }
  for (const ModelHandle& model : models.draining()) {
    all.push_back(BareStatus(model->id(), v1::MODEL_STATE_DRAINING));
    all.back().set_weights_sha256(model->source().weights_sha256);
  }
  for (const auto& [id, reason] : routes->failed()) {
    if (routes->FindId(id) == nullptr) {
      all.push_back(BareStatus(id, v1::MODEL_STATE_FAILED));
      all.back().set_reason(reason);
    }
  }
  std::sort(all.begin(), all.end(), ComesBefore);
  v1::GetStatusResponse response;
  for (v1::ModelStatus& status : all) {
    if (name.empty() || status.name() == name) {
      *response.add_models() = std::move(status);
    }
  }
  for (const auto& [modality, reference] : routes->defaults()) {
    v1::DefaultModel& added = *response.add_defaults();
    added.set_modality(modality);
    added.set_model(reference);
  }
  return response;
}

const char* StateName(v1::ModelState state) {
  switch (state) {
    case v1::MODEL_STATE_LOADING:
      return "loading";
    case v1::MODEL_STATE_SERVING:
      return "serving";
    case v1::MODEL_STATE_DRAINING:
      return "draining";
    case v1::MODEL_STATE_FAILED:
      return "failed";
    default:
      return "";
  }
}

}  // namespace lingula
