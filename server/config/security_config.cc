#include "server/config/security_config.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "lingula/config/v1/server_config.pb.h"
#include "model/bundle/take.h"
#include "model/bundle/textproto.h"

namespace lingula {
namespace {

std::string Beside(absl::string_view file, const std::string& path) {
  if (path.empty()) {
    return "";
  }
  const std::filesystem::path folder = std::filesystem::path(std::string(file)).parent_path();
  return (folder / path).lexically_normal().string();
}

void TakeTls(const config::v1::Tls& proto, absl::string_view file, Textproto& text,
             SecurityConfig& config) {
  config.files.certificate = Beside(file, proto.certificate_file());
  config.files.key = Beside(file, proto.key_file());
  config.files.client_ca = Beside(file, proto.client_ca_file());
  if (!text.Has("tls")) {
    return;
  }
  if (proto.certificate_file().empty()) {
    text.Problem("tls.certificate_file", "must name a PEM file");
  }
  if (proto.key_file().empty()) {
    text.Problem("tls.key_file", "must name a PEM file");
  }
  if (text.Has("tls.client_certificate") && proto.client_ca_file().empty()) {
    text.Problem("tls.client_certificate", "means something only with client_ca_file");
  }
  if (!config::v1::ClientCertificate_IsValid(proto.client_certificate())) {
    text.Problem("tls.client_certificate", "must be CLIENT_CERTIFICATE_REQUIRED or _ACCEPTED");
  }
  config.client_certificate_required =
      proto.client_certificate() != config::v1::CLIENT_CERTIFICATE_ACCEPTED;
}

void TakeAccess(const config::v1::Access& proto, absl::string_view file, Textproto& text,
                SecurityConfig& config) {
  config.files.callers = Beside(file, proto.callers_file());
  if (!config.files.callers.empty() || proto.anonymous_roles_size() > 0) {
    config.gate.anonymous = Roles();
  }
  for (int i = 0; i < proto.anonymous_roles_size(); ++i) {
    const std::string field = absl::StrCat("access.anonymous_roles[", i, "]");
    if (const auto role = RoleFrom(proto.anonymous_roles(i), field, text)) {
      config.gate.anonymous.Add(*role);
    }
  }
  config.gate.each = LimitsFrom(proto.each(), "access.each", text);
}

void TakeConnections(const config::v1::Connections& proto, Textproto& text,
                     ConnectionLimits& limits) {
  const auto seconds = [&text](const char* field, uint32_t value, int64_t lowest, int64_t highest,
                               std::chrono::seconds& into) {
    int64_t taken = into.count();
    Take(text, absl::StrCat("connections.", field), value, lowest, highest, taken);
    into = std::chrono::seconds(taken);
  };
  Take(text, "connections.max_open", proto.max_open(), 1, 65536, limits.max_open);
  Take(text, "connections.max_calls", proto.max_calls(), 1, 65536, limits.max_calls);
  seconds("handshake_seconds", proto.handshake_seconds(), 1, 120, limits.handshake);
  seconds("idle_seconds", proto.idle_seconds(), 0, 86400, limits.idle);
  seconds("max_age_seconds", proto.max_age_seconds(), 0, 604800, limits.max_age);
  seconds("keepalive_seconds", proto.keepalive_seconds(), 1, 7200, limits.keepalive);
  Take(text, "connections.max_metadata_bytes", proto.max_metadata_bytes(), 1024, 1 << 20,
       limits.max_metadata_bytes);
}

}  // namespace

SecurityConfig TakeSecurity(const config::v1::ServerConfig& proto, absl::string_view file,
                            Textproto& text) {
  SecurityConfig config;
  TakeTls(proto.tls(), file, text, config);
  TakeAccess(proto.access(), file, text, config);
  TakeConnections(proto.connections(), text, config.connections);
  int64_t reload = config.reload.count() / 1000;
  Take(text, "reload_seconds", proto.reload_seconds(), 1, 3600, reload);
  config.reload = std::chrono::seconds(reload);
  config.reflection = !proto.has_reflection() || proto.reflection();
  if (proto.has_health_port()) {
    int port = 0;
    Take(text, "health_port", proto.health_port(), 0, 65535, port);
    config.health_port = port;
    for (const uint32_t other : {proto.port(), proto.metrics_port(), proto.admin_port()}) {
      if (port != 0 && port == static_cast<int>(other)) {
        text.Problem("health_port", absl::StrCat("is the port of another listener too: ", port));
      }
    }
  }
  return config;
}

}  // namespace lingula
