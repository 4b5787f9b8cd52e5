#include "server/metrics/audit_metrics.h"

namespace lingula {
namespace {

prometheus::Counter& CounterOf(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Gauge& GaugeOf(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

void MoveTo(int64_t value, prometheus::Counter& counter) {
  counter.Increment(static_cast<double>(value) - counter.Value());
}

}  // namespace

AuditMetrics::AuditMetrics(prometheus::Registry& registry)
    : written_(CounterOf(registry, "lingula_audit_records_total",
                         "Requests whose record was written to the audit log.")),
      dropped_(CounterOf(registry, "lingula_audit_dropped_total",
                         "Requests whose record found no room.")),
      bytes_(CounterOf(registry, "lingula_audit_bytes_total", "Written to the audit log.")),
      last_sequence_(GaugeOf(registry, "lingula_audit_last_sequence",
                             "Number of the last line of the audit log.")),
      last_write_(GaugeOf(registry, "lingula_audit_last_write_timestamp_seconds",
                          "When all records that were there had been written.")),
      writable_(GaugeOf(registry, "lingula_audit_writable",
                        "1 while the audit log can be written, 0 else and where there is none.")) {}

void AuditMetrics::Set(int64_t written, int64_t dropped, int64_t bytes, int64_t last_sequence,
                       double last_write_unix, bool is_writable) {
  MoveTo(written, written_);
  MoveTo(dropped, dropped_);
  MoveTo(bytes, bytes_);
  last_sequence_.Set(static_cast<double>(last_sequence));
  last_write_.Set(last_write_unix);
  writable_.Set(is_writable ? 1 : 0);
}

}  // namespace lingula
