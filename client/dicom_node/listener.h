// The node's port.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/dicom_node/association.h"
#include "client/dicom_node/spool.h"
#include "client/interruption.h"

namespace lingula::node {

struct ListenerOptions {
  std::string host = "127.0.0.1";  // name or IPv4 address
  int port = 11112;                // 0: any free one
  int max_associations = 8;
};

class Listener {
 public:
  // UNAVAILABLE with the reason when the port cannot be had, INVALID_ARGUMENT for an unknown host.
  static absl::StatusOr<std::unique_ptr<Listener>> Open(const ListenerOptions& options);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int port() const { return port_; }
  // Serves associations, each in a thread, until `interruption`; then ends them after the pictures
  // that they are receiving, and returns.
  void Serve(const AssociationOptions& association, Spool& spool,
             const cli::Interruption& interruption);

 private:
  Listener(const ListenerOptions& options, int socket, int port)
      : options_(options), socket_(socket), port_(port) {}
  const ListenerOptions options_;
  const int socket_;
  const int port_;
};

}  // namespace lingula::node
