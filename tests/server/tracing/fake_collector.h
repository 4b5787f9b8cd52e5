// A collector of spans on a real port, which can go away and come back.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "absl/strings/str_cat.h"
#include "model/base/mutex.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"

namespace lingula::test {

namespace otlp = opentelemetry::proto::collector::trace::v1;
using opentelemetry::proto::trace::v1::Span;

class FakeCollector final : public otlp::TraceService::Service {
 public:
  FakeCollector() { Start(); }
  ~FakeCollector() override { Stop(); }

  // On the port of the first time.
  void Start() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(target(), grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  void Stop() {
    if (server_ != nullptr) {
      server_->Shutdown(std::chrono::system_clock::now());
      server_.reset();
    }
  }
  std::string target() const { return absl::StrCat("127.0.0.1:", port_); }

  grpc::Status Export(grpc::ServerContext* /*context*/,
                      const otlp::ExportTraceServiceRequest* request,
                      otlp::ExportTraceServiceResponse* /*response*/) override {
    MutexLock lock(mu_);
    ++requests_;
    for (const auto& program : request->resource_spans()) {
      resource_ = program.resource().ShortDebugString();
      for (const auto& scope : program.scope_spans()) {
        spans_.insert(spans_.end(), scope.spans().begin(), scope.spans().end());
      }
    }
    return grpc::Status::OK;
  }

  std::vector<Span> spans() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return spans_;
  }
  int requests() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return requests_;
  }
  std::string resource() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return resource_;
  }

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  mutable Mutex mu_;
  std::vector<Span> spans_ ABSL_GUARDED_BY(mu_);
  int requests_ ABSL_GUARDED_BY(mu_) = 0;
  std::string resource_ ABSL_GUARDED_BY(mu_);
};

}  // namespace lingula::test
