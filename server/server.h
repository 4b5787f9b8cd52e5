// A whole server in one object: what main() starts, and tests too.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/base/clock.h"
#include "model/base/thread_pool.h"
#include "server/config/server_config.h"
#include "server/kserve/kserve_service.h"
#include "server/listener.h"
#include "server/metrics/exposer.h"
#include "server/metrics/metrics.h"
#include "server/security/credential_files.h"
#include "server/security/gate.h"
#include "server/service/admin_service.h"
#include "server/service/health_service.h"
#include "server/service/model_lifecycle.h"
#include "server/service/model_table.h"
#include "server/service/models_service.h"
#include "server/service/pipeline.h"
#include "server/service/segment_call.h"
#include "server/service/shadow.h"
#include "server/witnesses.h"

namespace lingula {

// Owns all threads but gRPC's. Serves from Start to Drain.
class Server {
 public:
  // Ports, limits, batching, image threads and grace come from `config`; its models do not: they
  // are given loaded, in the order of the configuration; `supply` brings others later. Errors those
  // of ModelTable::Create; UNAVAILABLE when a port cannot be bound.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerConfig& config,
                                                       std::vector<ModelSource> models,
                                                       const Clock& clock = Clock::Real(),
                                                       ModelSupply supply = {});
  // Drains first.
  ~Server();

  int port() const { return grpc_.port; }
  int metrics_port() const { return exposer_->port(); }
  // Of ModelAdmin; none when it is off.
  std::optional<int> admin_port() const { return PortOf(admin_); }
  // Of health alone; none when it has no port of its own.
  std::optional<int> health_port() const { return PortOf(probes_); }
  const ModelTable& models() const { return *models_; }
  const Metrics& metrics() const { return *metrics_; }

  // Health NOT_SERVING and new work UNAVAILABLE at once; returns when all accepted work is answered
  // or the grace period is over, which cancels the rest. Metrics can still be scraped afterwards.
  // One thread; later calls do nothing.
  void Drain();

 private:
  Server(const ServerConfig& config, const Clock& clock, std::unique_ptr<Metrics> metrics,
         std::unique_ptr<Witnesses> witnesses, std::unique_ptr<ModelTable> models,
         ModelSupply supply);
  static std::optional<int> PortOf(const Listener& listener) {
    return listener.server == nullptr ? std::nullopt : std::optional<int>(listener.port);
  }
  absl::Status OpenCredentials(const ServerConfig& config);
  absl::Status Listen(const ServerConfig& config);
  void AnnounceHealth();
  // Health and metrics of each model, and the shadow's candidate, as the table has them now. One
  // thread at a time.
  void FollowModels();

  const std::chrono::seconds grace_;
  const std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Exposer> exposer_;
  const std::unique_ptr<Witnesses> witnesses_;  // until nothing can be answered any more
  Gate gate_;
  ServingCertificates certificates_;
  std::unique_ptr<CredentialFiles> credentials_;
  // Threads end from the bottom up: gRPC's, then the models' batch threads, then the pool, whose
  // last act for a request is in the pipeline.
  Shadow shadow_;
  Pipeline pipeline_;
  ThreadPool pool_;
  const std::unique_ptr<ModelTable> models_;
  HealthService health_;
  ModelsService models_service_;
  OpenStreams streams_;
  SegmentationService segmentation_;
  KserveService kserve_;
  ModelLifecycle lifecycle_;
  AdminService admin_service_;
  std::set<std::string> known_names_, known_ids_;  // of FollowModels
  Listener grpc_, admin_, probes_;
};

}  // namespace lingula
