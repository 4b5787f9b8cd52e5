#include "server/server.h"

#include <algorithm>
#include <map>
#include <thread>
#include <utility>

#include <grpcpp/server_builder.h>

#include "absl/strings/str_cat.h"
#include "lingula/v1/segmentation.grpc.pb.h"
#include "model/base/log.h"
#include "model/base/status_macros.h"
#include "server/service/model_status.h"

namespace lingula {
namespace {

int ImageThreads(int configured) {
  return configured > 0 ? configured : std::max(1U, std::thread::hardware_concurrency());
}

// A version that the configuration names is not followed: it was chosen.
ModelLifecycle::Options FollowedBy(const ServerConfig& config) {
  ModelLifecycle::Options options;
  options.repository = config.model_repository;
  options.poll = config.repository_poll;
  for (const ServedModel& model : config.models) {
    if (model.version.empty()) {
      options.names.insert(model.name);
    }
  }
  if (!config.models.empty() && options.names.empty()) {
    options.poll = std::chrono::milliseconds(0);
  }
  return options;
}

ListenerOptions ListenerFrom(const SecurityConfig& security, ServingCertificates& certificates,
                             SecurityMetrics& metrics) {
  ListenerOptions options;
  options.refused_connection = [&metrics] { metrics.CountTooManyConnections(); };
  options.limits = security.connections;
  options.certificates = security.files.tls() ? &certificates : nullptr;
  options.client_certificate_required = security.client_certificate_required;
  options.reflection = security.reflection;
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerConfig& config,
                                                      std::vector<ModelSource> models,
                                                      const Clock& clock, ModelSupply supply) {
  auto metrics = std::make_unique<Metrics>(supply.devices);
  LINGULA_ASSIGN_OR_RETURN(auto witnesses, Witnesses::Start(config, *metrics));
  LINGULA_ASSIGN_OR_RETURN(auto table,
                           ModelTable::Create(std::move(models), config.batching, clock, *metrics));
  std::unique_ptr<Server> server(new Server(config, clock, std::move(metrics), std::move(witnesses),
                                            std::move(table), std::move(supply)));
  LINGULA_ASSIGN_OR_RETURN(
      server->exposer_, Exposer::Start(config.listen_host, config.metrics_port, *server->metrics_));
  server->AnnounceHealth();
  LINGULA_RETURN_IF_ERROR(server->OpenCredentials(config));
  LINGULA_RETURN_IF_ERROR(server->Listen(config));
  return server;
}

Server::Server(const ServerConfig& config, const Clock& clock, std::unique_ptr<Metrics> metrics,
               std::unique_ptr<Witnesses> witnesses, std::unique_ptr<ModelTable> models,
               ModelSupply supply)
    : grace_(config.shutdown_grace),
      metrics_(std::move(metrics)),
      witnesses_(std::move(witnesses)),
      gate_(config.security.gate, clock,
            [this](Refusal why) { metrics_->security().CountRefusal(static_cast<size_t>(why)); }),
      shadow_(*metrics_),
      pipeline_(*models, pool_, PixelLimits{config.max_image_pixels}, clock, *metrics_),
      pool_(ImageThreads(config.image_threads)),
      models_(std::move(models)),
      models_service_(gate_, *models_, *metrics_),
      streams_(config.max_open_streams, metrics_->streams()),
      segmentation_(gate_, pipeline_, *models_, streams_, witnesses_->tracer(), clock),
      kserve_({gate_, pipeline_, *models_, *metrics_, witnesses_->tracer(), clock}),
      lifecycle_(FollowedBy(config), supply, *models_, clock, *metrics_),
      admin_service_(gate_, *models_, lifecycle_, shadow_, *metrics_) {
  pipeline_.Observe(shadow_);
  witnesses_->Watch(pipeline_, clock);
  models_->Listen([this, release = std::move(supply.release_memory)](ModelEvent event) {
    FollowModels();
    if (event == ModelEvent::kGone && release) {
      release();
    }
  });
}

Server::~Server() {
  Drain();
  models_->Listen(nullptr);
  static_cast<void>(shadow_.Stop());  // lets go of its candidate, for which the table waits
}

absl::Status Server::OpenCredentials(const ServerConfig& config) {
  const SecurityConfig& security = config.security;
  const bool admin = config.admin_port.has_value();
  const auto report = [this, admin](const char* kind, const absl::Status& status) {
    metrics_->security().CountReload(kind, status.ok());
    if (!status.ok()) {
      log::Warning("credentials refused, the old ones stay",
                   {{"file", kind}, {"reason", status.message()}});
      return;
    }
    log::Info("credentials taken", {{"file", kind}});
    if (const auto set = certificates_.Get()) {
      const double end = std::chrono::duration<double>(set->not_after.time_since_epoch()).count();
      metrics_->security().SetNotAfter("grpc", end);
      if (admin) {
        metrics_->security().SetNotAfter("admin", end);
      }
    }
  };
  LINGULA_ASSIGN_OR_RETURN(credentials_, CredentialFiles::Open(security.files, security.reload,
                                                               certificates_, gate_, report));
  if (!security.files.tls() && !security.files.callers.empty()) {
    log::Warning("tokens can be read on the way: there is no tls in the configuration");
  }
  return absl::OkStatus();
}

absl::Status Server::Listen(const ServerConfig& config) {
  const ListenerOptions options =
      ListenerFrom(config.security, certificates_, metrics_->security());
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(config.max_message_bytes);
  builder.RegisterService(&segmentation_);
  builder.RegisterService(&models_service_);
  builder.RegisterService(&kserve_);
  builder.RegisterService(&health_);
  LINGULA_ASSIGN_OR_RETURN(grpc_,
                           lingula::Listen(builder, config.listen_host, config.port, "", options));
  if (config.admin_port.has_value()) {
    grpc::ServerBuilder admin;
    admin.RegisterService(&admin_service_);
    LINGULA_ASSIGN_OR_RETURN(
        admin_, lingula::Listen(admin, config.admin_host, *config.admin_port, "admin: ", options));
  }
  if (config.security.health_port.has_value()) {
    grpc::ServerBuilder health;
    health.RegisterService(&health_);
    ListenerOptions plain = options;
    plain.certificates = nullptr;
    plain.reflection = false;
    LINGULA_ASSIGN_OR_RETURN(
        probes_, lingula::Listen(health, config.listen_host, *config.security.health_port,
                                 "health: ", plain));
  }
  return absl::OkStatus();
}

// "" for the server, and the services' names; those of models follow the table.
void Server::AnnounceHealth() {
  health_.Set("", true);
  health_.Set(v1::Segmentation::service_full_name(), true);
  health_.Set(v1::Models::service_full_name(), true);
  health_.Set(inference::GRPCInferenceService::service_full_name(), true);
}

void Server::FollowModels() {
  std::map<std::string, bool> names;
  std::map<std::string, v1::ModelState> ids;
  const v1::GetStatusResponse all = StatusOfAll(*models_, "");
  for (const v1::ModelStatus& status : all.models()) {
    const bool serves = status.state() == v1::MODEL_STATE_SERVING;
    if (serves || status.state() == v1::MODEL_STATE_LOADING) {
      names[status.name()] |= serves;
    }
    // A version that is replaced is there twice: what answers calls counts.
    v1::ModelState& state = ids[ModelId(status.name(), status.version())];
    state = serves || state == v1::MODEL_STATE_SERVING ? v1::MODEL_STATE_SERVING : status.state();
  }
  const auto service = [](const std::string& name) {
    return absl::StrCat(v1::Segmentation::service_full_name(), "/", name);
  };
  for (const std::string& name : known_names_) {
    if (names.count(name) == 0) {
      health_.Remove(service(name));
    }
  }
  for (const std::string& id : known_ids_) {
    if (ids.count(id) == 0) {
      metrics_->SetModelState(id, "");
    }
  }
  const ModelHandle candidate = shadow_.candidate();
  if (candidate != nullptr && models_->routes()->FindId(candidate->id()) != candidate) {
    static_cast<void>(shadow_.Stop());  // it was taken out, or is another copy now
    log::Info("shadow ended", {{"candidate", candidate->id()}});
  }
  known_names_.clear();
  known_ids_.clear();
  for (const auto& [name, serves] : names) {
    health_.Set(service(name), serves);
    known_names_.insert(name);
  }
  for (const auto& [id, state] : ids) {
    metrics_->SetModelState(id, StateName(state));
    known_ids_.insert(id);
  }
}

void Server::Drain() {
  if (grpc_.server == nullptr) {
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
  grpc_.Shutdown(std::chrono::system_clock::now() + left);  // waits for every Finish
  lifecycle_.Stop();  // answers the calls of ModelAdmin that wait
  admin_.Shutdown(std::chrono::system_clock::time_point::max());
  probes_.Shutdown(std::chrono::system_clock::time_point::max());
}

}  // namespace lingula
