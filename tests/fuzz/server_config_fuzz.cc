// Configurations of the server: text that people write.
#include "model/base/file.h"
#include "server/config/server_config.h"
#include "tests/fuzz/target.h"

namespace lingula::fuzz {

std::vector<std::string> Seeds() {
  return {
      "", ReadFile("deploy/server.textproto").value_or(""),
      "port: 1\nadmin_port: 0\ndevices { name: \"cuda:3\" instances: 2 }\n",
      "port: 70000 batching { max_batch_size: 0 } models { name: \"a\" } models { name: \"a\" }"};
}

bool Accepts(absl::string_view input) {
  const absl::StatusOr<ServerConfig> config = ParseServerConfig(input, "server.textproto");
  if (!config.ok()) {
    RequireMessage(config.status().message());
    return false;
  }
  Require(config->port >= 0 && config->port <= 65535, "ports are ports");
  Require(config->batching.max_batch_size >= 1, "batches hold something");
  Require(config->batching.max_queued >= config->batching.max_batch_size, "a batch fits a queue");
  return true;
}

}  // namespace lingula::fuzz
