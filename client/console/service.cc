#include "client/console/service.h"

#include "model/base/status_macros.h"

namespace lingula::console {
namespace {

constexpr std::chrono::milliseconds kHealthDeadline{1500};

}  // namespace

absl::StatusOr<Client*> Service::Connected() {
  MutexLock lock(mu_);
  if (client_ == nullptr) {
    ClientOptions options = options_;
    options.connect_timeout = kHealthDeadline;
    LINGULA_ASSIGN_OR_RETURN(client_, Client::Connect(options));
  }
  return client_.get();
}

absl::StatusOr<Client*> Service::Reach() {
  LINGULA_ASSIGN_OR_RETURN(Client * client, Connected());
  LINGULA_ASSIGN_OR_RETURN(const Client::Serving serving, client->Health("", kHealthDeadline));
  if (serving != grpc::health::v1::HealthCheckResponse::SERVING) {
    return absl::UnavailableError("the server is starting or shutting down");
  }
  return client;
}

}  // namespace lingula::console
