#include "server/service/health_service.h"

#include <utility>

namespace lingula {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// One Watch stream. Its fields belong to the service's mutex. gRPC runs reactions on its own
// threads, never inside StartWrite or Finish, so both may be called with the mutex held.
class HealthService::WatchCall final : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  WatchCall(HealthService& service, std::string name) : service_(service), name_(std::move(name)) {}

  void OnWriteDone(bool ok) override {
    MutexLock lock(service_.mu_);
    writing_ = false;
    cancelled_ = cancelled_ || !ok;
    service_.Advance(*this);
  }
  void OnCancel() override {
    MutexLock lock(service_.mu_);
    cancelled_ = true;
    service_.Advance(*this);
  }
  void OnDone() override {
    {
      MutexLock lock(service_.mu_);
      service_.watchers_.erase(this);
    }
    delete this;
  }

 private:
  friend class HealthService;

  HealthService& service_;
  const std::string name_;
  HealthCheckResponse message_;
  Status sent_ = HealthCheckResponse::UNKNOWN;  // never a real state: the first one is always sent
  bool writing_ = false, cancelled_ = false, finished_ = false;
};

void HealthService::Set(absl::string_view service, bool serving) {
  MutexLock lock(mu_);
  serving_[std::string(service)] = serving && !draining_;
  AdvanceAll();
}

void HealthService::Remove(absl::string_view service) {
  MutexLock lock(mu_);
  serving_.erase(std::string(service));
  AdvanceAll();
}

void HealthService::Drain() {
  MutexLock lock(mu_);
  draining_ = true;
  for (auto& [service, serving] : serving_) {
    serving = false;
  }
  AdvanceAll();
}

grpc::ServerUnaryReactor* HealthService::Check(grpc::CallbackServerContext* context,
                                               const HealthCheckRequest* request,
                                               HealthCheckResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  MutexLock lock(mu_);
  response->set_status(StatusOf(request->service()));
  reactor->Finish(response->status() == HealthCheckResponse::SERVICE_UNKNOWN
                      ? grpc::Status(grpc::StatusCode::NOT_FOUND, "no such service")
                      : grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<HealthCheckResponse>* HealthService::Watch(
    grpc::CallbackServerContext* /*context*/, const HealthCheckRequest* request) {
  MutexLock lock(mu_);
  auto* const call = new WatchCall(*this, request->service());  // deletes itself in OnDone
  watchers_.insert(call);
  Advance(*call);
  return call;
}

HealthService::Status HealthService::StatusOf(const std::string& service) const {
  const auto found = serving_.find(service);
  if (found == serving_.end()) {
    return HealthCheckResponse::SERVICE_UNKNOWN;
  }
  return found->second ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

void HealthService::Advance(WatchCall& call) {
  if (call.writing_ || call.finished_) {
    return;
  }
  const Status status = StatusOf(call.name_);
  if (call.cancelled_) {
    call.finished_ = true;
    call.Finish(grpc::Status(grpc::StatusCode::CANCELLED, "cancelled by the caller"));
  } else if (status != call.sent_) {
    call.sent_ = status;
    call.message_.set_status(status);
    call.writing_ = true;
    call.StartWrite(&call.message_);
  } else if (draining_) {
    call.finished_ = true;
    call.Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is draining"));
  }
}

void HealthService::AdvanceAll() {
  for (WatchCall* call : watchers_) {
    Advance(*call);
  }
}

}  // namespace lingula
