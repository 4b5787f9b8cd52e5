// The server's configuration file, checked and in native types.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/base/log.h"
#include "model/device/device_share.h"
#include "model/engine/engine.h"
#include "server/batching/batch_queue.h"
#include "server/config/audit_config.h"
#include "server/config/security_config.h"
#include "server/config/tracing_config.h"

namespace lingula {

// A model to serve; an empty version means the highest.
struct ServedModel {
  std::string name, version;
};

// Fields, ranges and defaults as in proto/lingula/config/v1/server_config.proto.
struct ServerConfig {
  std::string listen_host = "127.0.0.1";
  int port = 8500;          // 0: any free one
  int metrics_port = 9500;  // 0: any free one
  std::string admin_host = "127.0.0.1";
  std::optional<int> admin_port;                 // none: ModelAdmin is off; 0: any free one
  std::chrono::milliseconds repository_poll{0};  // 0: the repository is not watched
  std::string model_repository = "model/bundles";
  std::vector<ServedModel> models;  // none: every bundle of the repository
  int max_message_bytes = 64 << 20;
  int64_t max_image_pixels = int64_t{1} << 26;
  BatchQueue::Options batching;
  int max_open_streams = 64;
  int instances = 0;       // of each model; 0: as ShareCpu finds best
  int engine_threads = 0;  // 0: an equal share of the cores for each instance
  bool pin_threads = false;
  int image_threads = 0;                   // 0: one for each core
  Precision precision = Precision::kAuto;  // on processors
  std::vector<DeviceShare> gpus;           // none: networks run on the processor
  Precision gpu_precision = Precision::kAuto;
  std::chrono::seconds shutdown_grace{20};
  std::optional<AuditConfig> audit;      // none: there is no audit log
  std::optional<TracingConfig> tracing;  // none: no spans are sent
  log::Level log_level = log::Level::kInfo;
  SecurityConfig security;
};

// Parses a configuration. A relative model_repository starts at the folder of `file`.
// Errors   INVALID_ARGUMENT with one "file:line:column: field: what is allowed" line for each
// mistake.
absl::StatusOr<ServerConfig> ParseServerConfig(absl::string_view text, absl::string_view file);

}  // namespace lingula
