// The parts of the configuration about who may reach the server and what it may cost.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/security/credential_files.h"
#include "server/security/gate.h"

namespace lingula {

namespace config::v1 {
class ServerConfig;
}  // namespace config::v1
class Textproto;

// What connections may cost; 0: no limit.
struct ConnectionLimits {
  int max_open = 4096;
  int max_calls = 1000;
  std::chrono::seconds handshake{10};
  std::chrono::seconds idle{300};
  std::chrono::seconds max_age{0};
  std::chrono::seconds keepalive{60};
  int max_metadata_bytes = 16384;
};

// Fields, ranges and defaults as in proto/lingula/config/v1/security.proto.
struct SecurityConfig {
  CredentialPaths files;
  bool client_certificate_required = true;  // where there is a client_ca
  Gate::Options gate;
  ConnectionLimits connections;
  std::chrono::milliseconds reload{10'000};
  bool reflection = true;
  std::optional<int> health_port;  // none: health is on the gRPC port only; 0: any free one
};

// Reports what is wrong to `text`. Relative paths start at the folder of `file`.
SecurityConfig TakeSecurity(const config::v1::ServerConfig& proto, absl::string_view file,
                            Textproto& text);

}  // namespace lingula
