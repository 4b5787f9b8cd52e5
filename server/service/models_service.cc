#include "server/service/models_service.h"

#include <string>
#include <utility>

#include "server/service/admission.h"
#include "server/service/errors.h"

namespace lingula {
namespace {

v1::Model Describe(const LoadedModel& loaded, const ModelRoutes& routes) {
  const bundle::v1::Manifest& manifest = loaded.manifest();
  v1::Model model;
  model.mutable_identity()->set_name(manifest.name());
  model.mutable_identity()->set_version(manifest.version());
  model.mutable_identity()->set_weights_sha256(loaded.source().weights_sha256);
  model.mutable_identity()->set_family(std::string(loaded.family()));
  model.set_modality(loaded.modality());
  const Engine& engine = loaded.engine();
  if (engine.Supports(GuidanceMode::kGeneratedReport)) {
    model.add_guidance_modes(v1::GUIDANCE_MODE_GENERATED_REPORT);
  }
  if (engine.Supports(GuidanceMode::kPrototypes)) {
    model.add_guidance_modes(v1::GUIDANCE_MODE_PROTOTYPES);
  }
  if (engine.Supports(GuidanceMode::kReport)) {
    model.add_guidance_modes(v1::GUIDANCE_MODE_REPORT);
  }
  model.set_reads_free_text(engine.ReadsFreeText());
  model.mutable_input()->set_side_px(manifest.input().side_px());
  model.mutable_input()->set_channels(manifest.input().channels());
  model.mutable_input()->set_transposed(manifest.input().transpose());
  model.set_threshold(manifest.threshold());
  model.set_parameters(loaded.source().parameters);
  for (const bundle::v1::Score& score : manifest.scores()) {
    v1::Score& added = *model.add_scores();
    added.set_metric(score.metric());
    added.set_value(score.value());
    added.set_data(score.data());
    added.set_guidance(score.guidance());
    added.set_images(score.images());
  }
  model.set_license(manifest.license());
  model.set_notice(manifest.notice());
  model.set_is_default(routes.IsDefault(loaded));
  model.set_answers_to_name(routes.IsServing(loaded));
  for (std::string& alias : routes.AliasesOf(loaded)) {
    model.add_aliases(std::move(alias));
  }
  return model;
}

absl::StatusOr<ModelHandle> FindNamed(const ModelTable& models, const std::string& name) {
  if (name.empty()) {
    FieldProblems problems;
    problems.Add("model", "must be \"name\", \"name@version\" or \"name@alias\"");
    return problems.status();
  }
  return models.Find(name, v1::MODALITY_UNSPECIFIED);
}

}  // namespace

grpc::ServerUnaryReactor* ModelsService::ListModels(grpc::CallbackServerContext* context,
                                                    const v1::ListModelsRequest* /*request*/,
                                                    v1::ListModelsResponse* response) {
  if (grpc::ServerUnaryReactor* const refused = RefuseUnless(gate_, Role::kRead, *context)) {
    return refused;
  }
  const auto routes = models_.routes();
  for (const ModelHandle& model : routes->models()) {
    *response->add_models() = Describe(*model, *routes);
  }
  metrics_.CountRequest("ListModels", "", "OK");
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerUnaryReactor* ModelsService::GetModel(grpc::CallbackServerContext* context,
                                                  const v1::GetModelRequest* request,
                                                  v1::GetModelResponse* response) {
  if (grpc::ServerUnaryReactor* const refused = RefuseUnless(gate_, Role::kRead, *context)) {
    return refused;
  }
  const absl::StatusOr<ModelHandle> model = FindNamed(models_, request->model());
  if (model.ok()) {
    *response->mutable_model() = Describe(**model, *models_.routes());
    response->set_card_markdown((*model)->source().card);
  }
  metrics_.CountRequest("GetModel", model.ok() ? (*model)->id() : "",
                        absl::StatusCodeToString(model.status().code()));
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(ToGrpcStatus(model.status()));
  return reactor;
}

}  // namespace lingula
