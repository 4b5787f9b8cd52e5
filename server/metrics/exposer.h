// Serves the metrics to Prometheus.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/metrics/metrics.h"

namespace prometheus {
class Exposer;
}  // namespace prometheus

namespace lingula {

// GET http://HOST:PORT/metrics for as long as this lives, on two threads of its own.
class Exposer {
 public:
  // `host` is an IP address; `port` 0 takes any free one. `metrics` outlives the result.
  // Errors   UNAVAILABLE when the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<Exposer>> Start(const std::string& host, int port,
                                                        const Metrics& metrics);
  ~Exposer();

  int port() const { return port_; }

 private:
  Exposer(std::unique_ptr<prometheus::Exposer> http, const std::string& host, int port);

  std::unique_ptr<prometheus::Exposer> http_;
  const std::string host_;
  const int port_;
};

}  // namespace lingula
