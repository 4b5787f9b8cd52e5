// The RPCs of ModelAdmin.
#pragma once

#include <functional>
#include <string>

#include <grpcpp/support/server_callback.h>

#include "lingula/v1/admin.grpc.pb.h"
#include "server/metrics/metrics.h"
#include "server/security/gate.h"
#include "server/service/model_lifecycle.h"
#include "server/service/model_table.h"
#include "server/service/shadow.h"

namespace lingula {

// For callers with the role `admin`. What takes long is left to ModelLifecycle, whose thread
// finishes the call; the rest is answered at once. Thread-safe; borrows all. Codes: admin.proto.
class AdminService final : public v1::ModelAdmin::CallbackService {
 public:
  AdminService(Gate& gate, ModelTable& models, ModelLifecycle& lifecycle, Shadow& shadow,
               Metrics& metrics)
      : gate_(gate), models_(models), lifecycle_(lifecycle), shadow_(shadow), metrics_(metrics) {}

  grpc::ServerUnaryReactor* LoadModel(grpc::CallbackServerContext* context,
                                      const v1::LoadModelRequest* request,
                                      v1::LoadModelResponse* response) override;
  grpc::ServerUnaryReactor* ReloadModel(grpc::CallbackServerContext* context,
                                        const v1::ReloadModelRequest* request,
                                        v1::ReloadModelResponse* response) override;
  grpc::ServerUnaryReactor* UnloadModel(grpc::CallbackServerContext* context,
                                        const v1::UnloadModelRequest* request,
                                        v1::UnloadModelResponse* response) override;
  grpc::ServerUnaryReactor* SetServingVersion(grpc::CallbackServerContext* context,
                                              const v1::SetServingVersionRequest* request,
                                              v1::SetServingVersionResponse* response) override;
  grpc::ServerUnaryReactor* SetDefault(grpc::CallbackServerContext* context,
                                       const v1::SetDefaultRequest* request,
                                       v1::SetDefaultResponse* response) override;
  grpc::ServerUnaryReactor* SetAlias(grpc::CallbackServerContext* context,
                                     const v1::SetAliasRequest* request,
                                     v1::SetAliasResponse* response) override;
  grpc::ServerUnaryReactor* RemoveAlias(grpc::CallbackServerContext* context,
                                        const v1::RemoveAliasRequest* request,
                                        v1::RemoveAliasResponse* response) override;
  grpc::ServerUnaryReactor* Rollback(grpc::CallbackServerContext* context,
                                     const v1::RollbackRequest* request,
                                     v1::RollbackResponse* response) override;
  grpc::ServerUnaryReactor* StartShadow(grpc::CallbackServerContext* context,
                                        const v1::StartShadowRequest* request,
                                        v1::StartShadowResponse* response) override;
  grpc::ServerUnaryReactor* GetShadow(grpc::CallbackServerContext* context,
                                      const v1::GetShadowRequest* request,
                                      v1::GetShadowResponse* response) override;
  grpc::ServerUnaryReactor* StopShadow(grpc::CallbackServerContext* context,
                                       const v1::StopShadowRequest* request,
                                       v1::StopShadowResponse* response) override;
  grpc::ServerUnaryReactor* PromoteShadow(grpc::CallbackServerContext* context,
                                          const v1::PromoteShadowRequest* request,
                                          v1::PromoteShadowResponse* response) override;
  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) override;

 private:
  // Counts, logs and ends a call. `change`: what it changed, in names that are loaded.
  void Finish(grpc::ServerUnaryReactor& reactor, const char* method, const absl::Status& status,
              const std::string& change = "");
  // Ends a call with the outcome of a change that was made at once.
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext& context, const char* method,
                                   const absl::Status& status, const std::string& change = "");
  // What ends a call once a load is over: `fill` writes the answer when all is well.
  ModelLifecycle::Done Later(grpc::ServerUnaryReactor& reactor, const char* method,
                             std::function<void(const LoadedModel&, const ModelRoutes&)> fill);

  // Of a candidate that is loaded.
  absl::Status BeginShadow(ShadowPlan plan, const std::string& live_model, v1::Shadow& shadow);
  absl::StatusOr<ShadowReport> Promote(const std::string& alias);

  Gate& gate_;
  ModelTable& models_;
  ModelLifecycle& lifecycle_;
  Shadow& shadow_;
  Metrics& metrics_;
};

}  // namespace lingula
