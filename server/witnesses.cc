#include "server/witnesses.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

absl::Status Of(absl::string_view what, const absl::Status& status) {
  return status.ok() ? status
                     : absl::Status(status.code(), absl::StrCat(what, ": ", status.message()));
}

absl::StatusOr<std::unique_ptr<AuditLog>> OpenAudit(const AuditConfig& config, Metrics& metrics) {
  AuditLog::Options options = config.options;
  LINGULA_ASSIGN_OR_RETURN(options.writer.keys, ReadAuditKeys(config.key_file));
  options.report = [&audit = metrics.audit()](const AuditCounts& counts) {
    audit.Set(counts.written, counts.dropped, counts.bytes, counts.last_sequence,
              absl::ToDoubleSeconds(counts.last_write - absl::UnixEpoch()), counts.is_writable);
  };
  LINGULA_ASSIGN_OR_RETURN(auto disk, OpenAuditFolder(config.folder));
  return AuditLog::Open(std::move(options), std::move(disk));
}

}  // namespace

absl::Status Witnesses::Check(const ServerConfig& config) {
  if (!config.audit.has_value()) {
    return absl::OkStatus();
  }
  LINGULA_RETURN_IF_ERROR(Of("audit", ReadAuditKeys(config.audit->key_file).status()));
  return Of("audit", CheckAuditFolder(config.audit->folder));
}

absl::StatusOr<std::unique_ptr<Witnesses>> Witnesses::Start(const ServerConfig& config,
                                                            Metrics& metrics) {
  auto witnesses = std::make_unique<Witnesses>();
  if (config.audit.has_value()) {
    auto log = OpenAudit(*config.audit, metrics);
    LINGULA_RETURN_IF_ERROR(Of("audit", log.status()));
    witnesses->audit_log_ = *std::move(log);
    witnesses->audit_.emplace(*witnesses->audit_log_);
  }
  if (config.tracing.has_value()) {
    SpanExporter::Options options = config.tracing->options;
    options.report = [&spans = metrics.spans()](const SpanCounts& counts) {
      spans.Set(counts.exported, counts.dropped);
    };
    witnesses->tracer_ = Tracer(config.tracing->sampling_ratio);
    witnesses->exporter_ = std::make_unique<SpanExporter>(std::move(options));
  }
  return witnesses;
}

void Witnesses::Watch(Pipeline& pipeline, const Clock& clock) {
  if (audit_.has_value()) {
    pipeline.Observe(*audit_);
  }
  if (exporter_ != nullptr) {
    pipeline.Observe(spans_.emplace(*exporter_, clock));
  }
}

}  // namespace lingula
