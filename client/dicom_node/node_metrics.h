// What Prometheus may know of the node: figures, nothing of any picture.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/dicom_node/forwarder.h"
#include "client/dicom_node/spool.h"

namespace lingula::node {

// GET http://HOST:PORT/metrics for as long as this lives, on threads of its own. Names and meaning:
// docs/dicom-node.md.
class NodeMetrics {
 public:
  // `host` is an IP address; `port` 0 takes any free one. Borrows the others.
  // Errors   UNAVAILABLE when the address cannot be had.
  static absl::StatusOr<std::unique_ptr<NodeMetrics>> Serve(const std::string& host, int port,
                                                            const SpoolOptions& limits,
                                                            Spool& spool,
                                                            const Forwarder& forwarder);
  virtual ~NodeMetrics() = default;
  virtual int port() const = 0;
};

}  // namespace lingula::node
