#include "server/kserve/kserve_service.h"

#include "absl/strings/str_cat.h"
#include "server/service/admission.h"
#include "server/service/errors.h"

#ifndef LINGULA_VERSION
#error "LINGULA_VERSION comes from CMakeLists.txt"
#endif

namespace lingula {
namespace {

grpc::ServerUnaryReactor* Answered(grpc::CallbackServerContext& context,
                                   const absl::Status& status = absl::OkStatus()) {
  grpc::ServerUnaryReactor* const reactor = context.DefaultReactor();
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

std::string PlatformOf(const LoadedModel& model) {
  return absl::StrCat("lingula_", model.family());
}

void Describe(const TensorSchema& schema, inference::ModelMetadataResponse::TensorMetadata& to) {
  to.set_name(schema.name);
  to.set_datatype(schema.datatype);
  to.add_shape(-1);  // images
  to.mutable_shape()->Add(schema.dims.begin(), schema.dims.end());
}

template <typename Tensor>
void Configure(const TensorSchema& schema, Tensor& to) {
  to.set_name(schema.name);
  to.set_data_type(schema.type);
  to.mutable_dims()->Add(schema.dims.begin(), schema.dims.end());
}

}  // namespace

grpc::ServerUnaryReactor* KserveService::ServerLive(grpc::CallbackServerContext* context,
                                                    const inference::ServerLiveRequest* /*request*/,
                                                    inference::ServerLiveResponse* response) {
  response->set_live(true);
  return Answered(*context);
}

grpc::ServerUnaryReactor* KserveService::ServerReady(
    grpc::CallbackServerContext* context, const inference::ServerReadyRequest* /*request*/,
    inference::ServerReadyResponse* response) {
  response->set_ready(server_.pipeline.IsAccepting());
  return Answered(*context);
}

grpc::ServerUnaryReactor* KserveService::ModelReady(grpc::CallbackServerContext* context,
                                                    const inference::ModelReadyRequest* request,
                                                    inference::ModelReadyResponse* response) {
  response->set_ready(server_.pipeline.IsAccepting() &&
                      FindModel(server_.models, request->name(), request->version()).ok());
  return Answered(*context);
}

grpc::ServerUnaryReactor* KserveService::ServerMetadata(
    grpc::CallbackServerContext* context, const inference::ServerMetadataRequest* /*request*/,
    inference::ServerMetadataResponse* response) {
  if (grpc::ServerUnaryReactor* const refused = RefuseUnless(server_.gate, Role::kRead, *context)) {
    return refused;
  }
  response->set_name("lingula");
  response->set_version(LINGULA_VERSION);
  response->add_extensions("model_configuration");
  return Answered(*context);
}

grpc::ServerUnaryReactor* KserveService::ModelMetadata(
    grpc::CallbackServerContext* context, const inference::ModelMetadataRequest* request,
    inference::ModelMetadataResponse* response) {
  if (grpc::ServerUnaryReactor* const refused = RefuseUnless(server_.gate, Role::kRead, *context)) {
    return refused;
  }
  const auto model = FindModel(server_.models, request->name(), request->version());
  if (!model.ok()) {
    return Answered(*context, model.status());
  }
  response->set_name((*model)->manifest().name());
  for (const auto& other : server_.models.models()) {
    if (other->manifest().name() == response->name() &&
        (request->version().empty() || other == *model)) {
      response->add_versions(other->manifest().version());
    }
  }
  response->set_platform(PlatformOf(**model));
  for (const TensorSchema& input : InputsOf(**model)) {
    Describe(input, *response->add_inputs());
  }
  for (const TensorSchema& output : InferOutputs()) {
    Describe(output, *response->add_outputs());
  }
  return Answered(*context);
}

grpc::ServerUnaryReactor* KserveService::ModelConfig(grpc::CallbackServerContext* context,
                                                     const inference::ModelConfigRequest* request,
                                                     inference::ModelConfigResponse* response) {
  if (grpc::ServerUnaryReactor* const refused = RefuseUnless(server_.gate, Role::kRead, *context)) {
    return refused;
  }
  const auto model = FindModel(server_.models, request->name(), request->version());
  if (!model.ok()) {
    return Answered(*context, model.status());
  }
  inference::ModelConfig& config = *response->mutable_config();
  config.set_name((*model)->manifest().name());
  config.set_platform(PlatformOf(**model));
  config.set_backend("lingula");
  config.set_max_batch_size(kMaxImagesPerCall);
  config.mutable_dynamic_batching();
  for (const TensorSchema& input : InputsOf(**model)) {
    inference::ModelInput& added = *config.add_input();
    Configure(input, added);
    added.set_optional(true);
  }
  for (const TensorSchema& output : InferOutputs()) {
    Configure(output, *config.add_output());
  }
  return Answered(*context);
}

grpc::ServerUnaryReactor* KserveService::RepositoryIndex(
    grpc::CallbackServerContext* context, const inference::RepositoryIndexRequest* /*request*/,
    inference::RepositoryIndexResponse* response) {
  if (grpc::ServerUnaryReactor* const refused = RefuseUnless(server_.gate, Role::kRead, *context)) {
    return refused;
  }
  for (const auto& model : server_.models.models()) {
    auto& index = *response->add_models();
    index.set_name(model->manifest().name());
    index.set_version(model->manifest().version());
    index.set_state("READY");
  }
  return Answered(*context);
}

}  // namespace lingula
