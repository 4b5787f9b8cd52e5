// The audit log of the configuration.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/audit/audit_log.h"

namespace lingula {

namespace config::v1 {
class ServerConfig;
}  // namespace config::v1

class Textproto;

// Fields, ranges and defaults as in proto/lingula/config/v1/audit_config.proto.
struct AuditConfig {
  std::string folder, key_file;
  AuditLog::Options options;  // but for keys and report
};

// Nothing where the configuration has no audit. Relative paths start at `folder`.
std::optional<AuditConfig> TakeAudit(const config::v1::ServerConfig& proto,
                                     absl::string_view folder, Textproto& text);

}  // namespace lingula
