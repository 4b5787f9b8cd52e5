// Models.ListModels and Models.GetModel.
#pragma once

#include <grpcpp/support/server_callback.h>

#include "lingula/v1/models.grpc.pb.h"
#include "server/metrics/metrics.h"
#include "server/security/gate.h"
#include "server/service/model_table.h"

namespace lingula {

// Thread-safe; borrows all. For callers with the role `read`.
class ModelsService final : public v1::Models::CallbackService {
 public:
  ModelsService(Gate& gate, const ModelTable& models, Metrics& metrics)
      : gate_(gate), models_(models), metrics_(metrics) {}

  grpc::ServerUnaryReactor* ListModels(grpc::CallbackServerContext* context,
                                       const v1::ListModelsRequest* request,
                                       v1::ListModelsResponse* response) override;
  // INVALID_ARGUMENT for an empty name, NOT_FOUND for an unknown one.
  grpc::ServerUnaryReactor* GetModel(grpc::CallbackServerContext* context,
                                     const v1::GetModelRequest* request,
                                     v1::GetModelResponse* response) override;

 private:
  Gate& gate_;
  const ModelTable& models_;
  Metrics& metrics_;
};

}  // namespace lingula
