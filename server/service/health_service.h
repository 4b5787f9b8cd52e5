// grpc.health.v1: Check and Watch.
#pragma once

#include <map>
#include <set>
#include <string>

#include <grpcpp/support/server_callback.h>

#include "absl/strings/string_view.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "model/base/mutex.h"

namespace lingula {

// Our own rather than gRPC's, for two reasons: that one is listed by reflection without a
// descriptor, so tools like grpcurl cannot call it, and its Watch streams hold up a graceful
// shutdown until the grace period has passed. Here a drain tells each watcher NOT_SERVING and ends
// its stream. Threads  Thread-safe. Outlives the gRPC server.
class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;

  // `service` is new or known; watchers hear of the change.
  void Set(absl::string_view service, bool serving) ABSL_LOCKS_EXCLUDED(mu_);
  // Nobody knows `service` any more: watchers hear SERVICE_UNKNOWN.
  void Remove(absl::string_view service) ABSL_LOCKS_EXCLUDED(mu_);
  // All services NOT_SERVING for ever; watchers hear it, then their streams end with UNAVAILABLE.
  void Drain() ABSL_LOCKS_EXCLUDED(mu_);

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const grpc::health::v1::HealthCheckRequest* request,
                                  grpc::health::v1::HealthCheckResponse* response) override;
  grpc::ServerWriteReactor<grpc::health::v1::HealthCheckResponse>* Watch(
      grpc::CallbackServerContext* context,
      const grpc::health::v1::HealthCheckRequest* request) override;

 private:
  class WatchCall;

  Status StatusOf(const std::string& service) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Sends what a watcher has not heard yet, or ends its stream. One write at a time.
  void Advance(WatchCall& call) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void AdvanceAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable Mutex mu_;
  std::map<std::string, bool> serving_ ABSL_GUARDED_BY(mu_);
  std::set<WatchCall*> watchers_ ABSL_GUARDED_BY(mu_);  // each removes itself when done
  bool draining_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace lingula
