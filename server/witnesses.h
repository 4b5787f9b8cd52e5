// Who keeps account of requests, as far as the configuration wants it.
#pragma once

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "server/audit/audit_log.h"
#include "server/config/server_config.h"
#include "server/metrics/metrics.h"
#include "server/service/pipeline.h"
#include "server/service/request_audit.h"
#include "server/service/request_spans.h"
#include "server/tracing/tracer.h"

namespace lingula {

// Owns the threads that write accounts. Outlives the pipeline.
class Witnesses {
 public:
  // Of what can be seen without writing anything.
  static absl::Status Check(const ServerConfig& config);
  // Errors   with the path, a key file or an audit log that cannot be used.
  static absl::StatusOr<std::unique_ptr<Witnesses>> Start(const ServerConfig& config,
                                                          Metrics& metrics);
  // Of the pipeline's clock. Before its first request.
  void Watch(Pipeline& pipeline, const Clock& clock);
  const Tracer& tracer() const { return tracer_; }

 private:
  std::unique_ptr<AuditLog> audit_log_;
  std::optional<RequestAudit> audit_;
  Tracer tracer_;
  std::unique_ptr<SpanExporter> exporter_;
  std::optional<RequestSpans> spans_;
};

}  // namespace lingula
