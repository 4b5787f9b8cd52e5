// A port on which gRPC listens: how it encrypts and what connections may cost.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/config/security_config.h"
#include "server/connections.h"
#include "server/security/certificates.h"

namespace lingula {

// What all ports of a server share.
struct ListenerOptions {
  ConnectionLimits limits;
  // Null: plain text. Outlives the server; holds a set already.
  ServingCertificates* certificates = nullptr;
  bool client_certificate_required = true;  // where the set has client authorities
  bool reflection = true;
  std::function<void()> refused_connection = [] {};  // any thread
};

struct Listener {
  // Nobody is let in any more; calls under way may end until `deadline`, then they are cancelled.
  // Returns when none is left. Does nothing where nothing listens.
  void Shutdown(std::chrono::system_clock::time_point deadline);

  int port = 0;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<Connections> connections;  // ends before the server
};

// Starts what `builder` holds on `host`:`port`; 0: any free one. UNAVAILABLE, with `what` before
// it, when that cannot be had.
absl::StatusOr<Listener> Listen(grpc::ServerBuilder& builder, const std::string& host, int port,
                                absl::string_view what, const ListenerOptions& options);

}  // namespace lingula
