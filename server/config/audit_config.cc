#include "server/config/audit_config.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "lingula/config/v1/server_config.pb.h"
#include "model/bundle/take.h"
#include "model/bundle/textproto.h"

namespace lingula {
namespace {

// A path that must be given.
std::string TakePath(absl::string_view field, const std::string& path, absl::string_view folder,
                     absl::string_view what, Textproto& text) {
  if (path.empty()) {
    text.Problem(field, absl::StrCat("must name ", what));
  }
  return (std::filesystem::path(std::string(folder)) / path).lexically_normal().string();
}

void TakeFiles(const config::v1::Audit& from, Textproto& text, AuditWriter::Options& writer) {
  int64_t mib = writer.rotate_bytes >> 20, hours = absl::ToInt64Hours(writer.rotate_after);
  Take(text, "audit.max_file_mib", from.max_file_mib(), 1, 4096, mib);
  Take(text, "audit.max_file_hours", from.max_file_hours(), 1, 8784, hours);
  writer.rotate_bytes = mib << 20;
  writer.rotate_after = absl::Hours(hours);
}

void TakeQueue(const config::v1::Audit& from, Textproto& text, AuditLog::Options& options) {
  Take(text, "audit.max_queued", from.max_queued(), 64, 1 << 20, options.max_queued);
  int64_t flush_ms = options.flush_interval.count(), sync_ms = options.sync_interval.count();
  Take(text, "audit.flush_interval_ms", from.flush_interval_ms(), 0, 10'000, flush_ms);
  Take(text, "audit.sync_interval_ms", from.sync_interval_ms(), 10, 600'000, sync_ms);
  options.flush_interval = std::chrono::milliseconds(flush_ms);
  options.sync_interval = std::chrono::milliseconds(sync_ms);
}

AuditSync SyncFrom(config::v1::AuditSync sync) {
  switch (sync) {
    case config::v1::AUDIT_SYNC_NEVER:
      return AuditSync::kNever;
    case config::v1::AUDIT_SYNC_ALWAYS:
      return AuditSync::kAlways;
    default:
      return AuditSync::kInterval;
  }
}

}  // namespace

std::optional<AuditConfig> TakeAudit(const config::v1::ServerConfig& proto,
                                     absl::string_view folder, Textproto& text) {
  if (!proto.has_audit()) {
    return std::nullopt;
  }
  const config::v1::Audit& from = proto.audit();
  AuditConfig audit;
  audit.folder = TakePath("audit.folder", from.folder(), folder, "a folder for the log", text);
  audit.key_file = TakePath("audit.key_file", from.key_file(), folder,
                            "a file with at least 32 random bytes", text);
  TakeFiles(from, text, audit.options.writer);
  TakeQueue(from, text, audit.options);
  if (!config::v1::AuditSync_IsValid(from.sync())) {
    text.Problem("audit.sync", "must be one of AUDIT_SYNC_NEVER, _INTERVAL, _ALWAYS");
  }
  audit.options.sync = SyncFrom(from.sync());
  if (!config::v1::AuditPolicy_IsValid(from.when_unwritable())) {
    text.Problem("audit.when_unwritable", "must be AUDIT_POLICY_SERVE or AUDIT_POLICY_REFUSE");
  }
  audit.options.policy = from.when_unwritable() == config::v1::AUDIT_POLICY_REFUSE
                             ? AuditPolicy::kRefuse
                             : AuditPolicy::kServe;
  return audit;
}

}  // namespace lingula
