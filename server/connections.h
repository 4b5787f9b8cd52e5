// Accepts the connections of a gRPC server, and no more than may be open.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include <grpcpp/server_builder.h>

#include "absl/status/statusor.h"

namespace lingula {

// gRPC 1.51 bounds calls and memory, not connections, and a process has but so many descriptors. So
// we listen ourselves and hand connections over. Use: Open, Register, start the server, Start; Stop
// before the server is gone.
class Connections {
 public:
  // Listens on host:port, which binds but accepts nothing yet. `host` is a name, an IPv4 address or
  // an IPv6 address in brackets; port 0: any free one. `refused` hears of each connection that is
  // closed because `max_open`, or three quarters of the process's descriptors, are. UNAVAILABLE
  // when the address cannot be had.
  static absl::StatusOr<std::unique_ptr<Connections>> Open(const std::string& host, int port,
                                                           int max_open,
                                                           std::function<void()> refused);
  ~Connections();

  int port() const { return port_; }
  void Register(grpc::ServerBuilder& builder,
                const std::shared_ptr<grpc::ServerCredentials>& credentials);
  void Start();
  // Nobody is let in any more, and the port is free.
  void Stop();

 private:
  Connections(int listener, int wake, int max_open, std::function<void()> refused);
  void Accept();
  bool HasRoom();

  int listener_;  // -1 after Stop
  const int wake_;
  const int max_open_;
  const std::function<void()> refused_;
  int port_ = 0;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  // Of the thread: descriptors that gRPC has, with what the system calls their sockets. gRPC closes
  // them and tells nobody; a descriptor that is gone or names another socket has been closed.
  std::map<int, ino_t> open_;
  std::thread thread_;
};

}  // namespace lingula
