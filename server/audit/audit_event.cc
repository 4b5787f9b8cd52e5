#include "server/audit/audit_event.h"

#include "server/audit/record.h"

namespace lingula {

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

std::string FieldsOf(const AuditEvent& event, const AuditKeys& keys) {
  RecordFields fields(event.time, "inference");
  fields.Text("method", event.method).Text("caller", event.caller);
  if (!event.request_id.empty()) {
    fields.Text("request", HmacHex(keys.identity, event.request_id));
  }
  return fields.Text("instance", event.instance)
      .Text("model", event.model)
      .Text("weights", event.weights)
      .Text("guidance", event.guidance)
      .List("flags", event.flags)
      .Text("code", event.code)
      .Number("latency_us", event.latency_us)
      .Take();
}

}  // namespace lingula
