#include "server/service/admin_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "model/base/log.h"
#include "server/service/admission.h"
#include "server/service/errors.h"
#include "server/service/model_status.h"

namespace lingula {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

// INVALID_ARGUMENT naming each field that is empty.
absl::Status CheckGiven(
    std::initializer_list<std::pair<absl::string_view, absl::string_view>> fields) {
  FieldProblems problems;
  for (const auto& [field, value] : fields) {
    if (value.empty()) {
      problems.Add(field, "must be given");
    }
  }
  return problems.status();
}

}  // namespace

void AdminService::Finish(ServerUnaryReactor& reactor, const char* method,
                          const absl::Status& status, const std::string& change) {
  const std::string code = absl::StatusCodeToString(status.code());
  metrics_.CountRequest(method, "", code);
  log::Info("admin", {{"method", method}, {"code", code}, {"change", status.ok() ? change : ""}});
  reactor.Finish(ToGrpcStatus(status));
}

ServerUnaryReactor* AdminService::Answer(CallbackServerContext& context, const char* method,
                                         const absl::Status& status, const std::string& change) {
  ServerUnaryReactor* const reactor = context.DefaultReactor();
  Finish(*reactor, method, status, change);
  return reactor;
}

ModelLifecycle::Done AdminService::Later(
    ServerUnaryReactor& reactor, const char* method,
    std::function<void(const LoadedModel&, const ModelRoutes&)> fill) {
  return [this, &reactor, method, fill = std::move(fill)](absl::StatusOr<ModelHandle> model) {
    if (model.ok()) {
      fill(**model, *models_.routes());
    }
    Finish(reactor, method, model.status(), model.ok() ? (*model)->id() : "");
  };
}

ServerUnaryReactor* AdminService::LoadModel(CallbackServerContext* context,
                                            const v1::LoadModelRequest* request,
                                            v1::LoadModelResponse* response) {
  if (ServerUnaryReactor* const refused = RefuseUnless(gate_, Role::kAdmin, *context)) {
    return refused;
  }
  if (absl::Status status = CheckGiven({{"name", request->name()}}); !status.ok()) {
    return Answer(*context, "LoadModel", status);
  }
  ServerUnaryReactor* const reactor = context->DefaultReactor();
  lifecycle_.Load(
      request->name(), request->version(), request->hold_back(),
      Later(*reactor, "LoadModel", [response](const LoadedModel& model, const ModelRoutes& routes) {
        *response->mutable_model() = StatusOf(model, routes);
      }));
  return reactor;
}

ServerUnaryReactor* AdminService::ReloadModel(CallbackServerContext* context,
                                              const v1::ReloadModelRequest* request,
                                              v1::ReloadModelResponse* response) {
  if (ServerUnaryReactor* const refused = RefuseUnless(gate_, Role::kAdmin, *context)) {
    return refused;
  }
  if (absl::Status status = CheckGiven({{"name", request->name()}}); !status.ok()) {
    return Answer(*context, "ReloadModel", status);
  }
  ServerUnaryReactor* const reactor = context->DefaultReactor();
  lifecycle_.Reload(request->name(), request->version(),
                    Later(*reactor, "ReloadModel",
                          [response](const LoadedModel& model, const ModelRoutes& routes) {
                            *response->mutable_model() = StatusOf(model, routes);
                          }));
  return reactor;
}

ServerUnaryReactor* AdminService::UnloadModel(CallbackServerContext* context,
                                              const v1::UnloadModelRequest* request,
                                              v1::UnloadModelResponse* /*response*/) {
  if (ServerUnaryReactor* const refused = RefuseUnless(gate_, Role::kAdmin, *context)) {
    return refused;
  }
  absl::Status status = CheckGiven({{"name", request->name()}, {"version", request->version()}});
  if (status.ok()) {
    status = lifecycle_.Unload(request->name(), request->version(), request->force());
  }
  return Answer(*context, "UnloadModel", status, ModelId(request->name(), request->version()));
}

ServerUnaryReactor* AdminService::SetServingVersion(CallbackServerContext* context,
                                                    const v1::SetServingVersionRequest* request,
                                                    v1::SetServingVersionResponse* /*response*/) {
  if (ServerUnaryReactor* const refused = RefuseUnless(gate_, Role::kAdmin, *context)) {
    return refused;
  }
  const absl::Status status = models_.Change([request](ModelRoutes& routes) {
    return routes.SetServing(request->name(), request->version());
  });
  return Answer(*context, "SetServingVersion", status,
                absl::StrCat(request->name(), " to ", request->version()));
}

ServerUnaryReactor* AdminService::SetDefault(CallbackServerContext* context,
                                             const v1::SetDefaultRequest* request,
                                             v1::SetDefaultResponse* /*response*/) {
  if (ServerUnaryReactor* const refused = RefuseUnless(gate_, Role::kAdmin, *context)) {
    return refused;
  }
  absl::Status status = CheckGiven({{"model", request->model()}});
  if (status.ok() && !v1::Modality_IsValid(request->modality())) {
    FieldProblems problems;
    problems.Add("modality", "is not a known modality");
    status = problems.status();
  }
  if (status.ok()) {
    status = models_.Change([request](ModelRoutes& routes) {
      return routes.SetDefault(request->modality(), request->model());
    });
  }
  return Answer(*context, "SetDefault", status,
                absl::StrCat(v1::Modality_Name(request->modality()), " to ", request->model()));
}

ServerUnaryReactor* AdminService::SetAlias(CallbackServerContext* context,
                                           const v1::SetAliasRequest* request,
                                           v1::SetAliasResponse* /*response*/) {
  if (ServerUnaryReactor* const refused = RefuseUnless(gate_, Role::kAdmin, *context)) {
    return refused;
  }
  const absl::Status status = models_.Change([request](ModelRoutes& routes) {
    return routes.SetAlias(request->name(), request->alias(), request->version());
  });
  return Answer(*context, "SetAlias", status,
                absl::StrCat(request->name(), "@", request->alias(), " to ", request->version()));
}

ServerUnaryReactor* AdminService::RemoveAlias(CallbackServerContext* context,
                                              const v1::RemoveAliasRequest* request,
                                              v1::RemoveAliasResponse* /*response*/) {
  if (ServerUnaryReactor* const refused = RefuseUnless(gate_, Role::kAdmin, *context)) {
    return refused;
  }
  const absl::Status status = models_.Change([request](ModelRoutes& routes) {
    return routes.RemoveAlias(request->name(), request->alias());
  });
  return Answer(*context, "RemoveAlias", status,
                absl::StrCat(request->name(), "@", request->alias()));
}

ServerUnaryReactor* AdminService::Rollback(CallbackServerContext* context,
                                           const v1::RollbackRequest* request,
                                           v1::RollbackResponse* response) {
  if (ServerUnaryReactor* const refused = RefuseUnless(gate_, Role::kAdmin, *context)) {
    return refused;
  }
  if (absl::Status status = CheckGiven({{"name", request->name()}}); !status.ok()) {
    return Answer(*context, "Rollback", status);
  }
  ServerUnaryReactor* const reactor = context->DefaultReactor();
  lifecycle_.Rollback(request->name(),
                      Later(*reactor, "Rollback",
                            [response](const LoadedModel& model, const ModelRoutes& /*routes*/) {
                              response->set_serving_version(model.manifest().version());
                            }));
  return reactor;
}

ServerUnaryReactor* AdminService::GetStatus(CallbackServerContext* context,
                                            const v1::GetStatusRequest* request,
                                            v1::GetStatusResponse* response) {
  if (ServerUnaryReactor* const refused = RefuseUnless(gate_, Role::kAdmin, *context)) {
    return refused;
  }
  *response = StatusOfAll(models_, request->name());
  return Answer(*context, "GetStatus", absl::OkStatus());
}

}  // namespace lingula
