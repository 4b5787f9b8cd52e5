#include "server/server.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include "absl/strings/str_cat.h"
#include "lingula/v1/segmentation.grpc.pb.h"
#include "model/base/log.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

int ImageThreads(int configured) {
  return configured > 0 ? configured : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerConfig& config,
                                                      std::vector<ModelSource> models,
                                                      const Clock& clock) {
  auto metrics = std::make_unique<Metrics>();
  LINGULA_ASSIGN_OR_RETURN(auto table,
                           ModelTable::Create(std::move(models), config.batching, clock, *metrics));
  std::unique_ptr<Server> server(new Server(config, clock, std::move(metrics), std::move(table)));
  LINGULA_ASSIGN_OR_RETURN(
      server->exposer_, Exposer::Start(config.listen_host, config.metrics_port, *server->metrics_));
  server->AnnounceHealth();
  LINGULA_RETURN_IF_ERROR(server->Listen(config));
  return server;
}

Server::Server(const ServerConfig& config, const Clock& clock, std::unique_ptr<Metrics> metrics,
               std::unique_ptr<ModelTable> models)
    : grace_(config.shutdown_grace),
      metrics_(std::move(metrics)),
      pipeline_(*models, pool_, PixelLimits{config.max_image_pixels}, clock, *metrics_),
      pool_(ImageThreads(config.image_threads)),
      models_(std::move(models)),
      models_service_(*models_, *metrics_),
      streams_(config.max_open_streams, metrics_->streams()),
      segmentation_(pipeline_, *models_, streams_, clock),
      kserve_({pipeline_, *models_, *metrics_, clock}) {}

Server::~Server() {
  Drain();
}

absl::Status Server::Listen(const ServerConfig& config) {
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  const std::string address = absl::StrCat(config.listen_host, ":", config.port);
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port_);
  builder.SetMaxReceiveMessageSize(config.max_message_bytes);
  // Without this a second server on the same port would start and steal half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.RegisterService(&segmentation_);
  builder.RegisterService(&models_service_);
  builder.RegisterService(&kserve_);
  builder.RegisterService(&health_);
  grpc_ = builder.BuildAndStart();
  if (grpc_ == nullptr || port_ == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address,
                                               ": is the port taken, the host another machine's?"));
  }
  return absl::OkStatus();
}

// "" for the server, the service's name, and one name for each model.
void Server::AnnounceHealth() {
  const std::string service = v1::Segmentation::service_full_name();
  health_.Set("", true);
  health_.Set(service, true);
  health_.Set(v1::Models::service_full_name(), true);
  health_.Set(inference::GRPCInferenceService::service_full_name(), true);
  for (const auto& model : models_->models()) {
    health_.Set(absl::StrCat(service, "/", model->manifest().name()), true);
  }
}

void Server::Drain() {
  if (grpc_ == nullptr) {
    return;
  }
  const Instant end = Clock::Real().Now() + grace_;
  pipeline_.StopAccepting();
  health_.Drain();
  streams_.Drain();
  // gRPC would answer calls that arrive during its own shutdown with CANCELLED, which nobody
  // retries. So it stays up, and the pipeline says UNAVAILABLE, until only stragglers can meet
  // that.
  pipeline_.WaitUntilIdle(grace_);
  const auto left = std::max(end - Clock::Real().Now(), Instant::duration(0));
  grpc_->Shutdown(std::chrono::system_clock::now() + left);  // waits for every Finish
  grpc_.reset();
}

}  // namespace lingula
