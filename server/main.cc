// lingula-server: reads the configuration, loads the bundles, serves until SIGTERM.
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/backend/load_engine.h"
#include "model/base/file.h"
#include "model/base/log.h"
#include "model/base/status_macros.h"
#include "server/config/server_config.h"
#include "server/load_gpus.h"
#include "server/load_models.h"
#include "server/security/credential_files.h"
#include "server/server.h"
#include "server/stop_signal.h"
#include "server/witnesses.h"

namespace lingula {
namespace {

struct Flags {
  std::string config;
  bool check_config = false;
  std::optional<int> port, metrics_port, admin_port;
  std::optional<log::Level> log_level;
};

absl::StatusOr<ServerConfig> Configure(const Flags& flags) {
  ServerConfig config;
  if (!flags.config.empty()) {
    LINGULA_ASSIGN_OR_RETURN(const std::string text, ReadFile(flags.config));
    LINGULA_ASSIGN_OR_RETURN(config, ParseServerConfig(text, flags.config));
  }
  config.port = flags.port.value_or(config.port);
  config.metrics_port = flags.metrics_port.value_or(config.metrics_port);
  if (flags.admin_port.has_value()) {
    config.admin_port = flags.admin_port;
  }
  config.log_level = flags.log_level.value_or(config.log_level);
  return config;
}

// The line that scripts wait for.
void PrintReady(const Server& server) {
  const auto id = [](std::string* out, const ModelHandle& model) {
    absl::StrAppend(out, log::Value(model->id()).json());
  };
  std::cout << "{\"grpc_port\":" << server.port() << ",\"metrics_port\":" << server.metrics_port();
  if (server.admin_port().has_value()) {
    std::cout << ",\"admin_port\":" << *server.admin_port();
  }
  if (server.health_port().has_value()) {
    std::cout << ",\"health_port\":" << *server.health_port();
  }
  std::cout << ",\"models\":[" << absl::StrJoin(server.models().models(), ",", id) << "]}"
            << std::endl;  // flushes
}

// What can be seen of a configuration without loading or writing anything.
absl::Status CheckFiles(const ServerConfig& config) {
  LINGULA_RETURN_IF_ERROR(CredentialFiles::Check(config.security.files));
  return Witnesses::Check(config);
}

// Exit code when a device was lost: a supervisor starts the process anew.
constexpr int kDeviceLost = 3;

absl::Status Serve(const ServerConfig& config) {
  StopSignal stop;
  std::optional<StopSignal::AtOnce> at_once(stop);
  LINGULA_RETURN_IF_ERROR(CheckFiles(config));  // before the seconds that bundles take
  DeviceBoard board;
  board.OnLost([&stop](const absl::Status& why) { stop.Fail(why); });
  LINGULA_ASSIGN_OR_RETURN(const Gpus gpus, OpenGpus(config, board));
  ConfigureCompute(CpuShareHere(config).threads);
  ModelSupply supply = SupplyFrom(config, gpus);
  LINGULA_ASSIGN_OR_RETURN(std::vector<ModelSource> models,
                           LoadModels(config, gpus, &supply.refused));
  ReleaseUnusedMemory();  // of warming up: other threads will run the networks
  LINGULA_ASSIGN_OR_RETURN(
      const std::unique_ptr<Server> server,
      Server::Start(config, std::move(models), Clock::Real(), std::move(supply)));
  at_once.reset();
  log::Info("serving", {{"port", server->port()}, {"metrics_port", server->metrics_port()}});
  PrintReady(*server);
  const absl::Status why = ServeUntilStopped(*server, stop);
  if (!why.ok()) {
    std::cerr << "lingula-server: " << why.message() << std::endl;
    // Nothing is tidied up: what belongs to a lost device might wait for it for ever.
    std::_Exit(kDeviceLost);
  }
  return absl::OkStatus();
}

absl::Status Run(const Flags& flags) {
  LINGULA_ASSIGN_OR_RETURN(const ServerConfig config, Configure(flags));
  log::SetLevel(config.log_level);
  if (flags.check_config) {
    LINGULA_RETURN_IF_ERROR(CheckFiles(config));
    LINGULA_ASSIGN_OR_RETURN(const auto folders, FoldersToServe(config));
    DeviceBoard board;
    LINGULA_RETURN_IF_ERROR(OpenGpus(config, board).status());
    std::cout << "configuration is good: " << folders.size() << " model(s) to serve\n";
    return absl::OkStatus();
  }
  return Serve(config);
}

void AddFlags(CLI::App& app, Flags& flags) {
  const std::map<std::string, log::Level> levels = {{"debug", log::Level::kDebug},
                                                    {"info", log::Level::kInfo},
                                                    {"warning", log::Level::kWarning},
                                                    {"error", log::Level::kError}};
  app.add_option("--config", flags.config, "Configuration file (docs/configuration.md)")
      ->type_name("FILE");
  app.add_flag("--check-config", flags.check_config, "Check the configuration and exit");
  app.add_option("--port", flags.port, "gRPC port, 0: any free one")->check(CLI::Range(0, 65535));
  app.add_option("--metrics-port", flags.metrics_port, "Prometheus port, 0: any free one")
      ->check(CLI::Range(0, 65535));
  app.add_option("--admin-port", flags.admin_port, "ModelAdmin port, 0: any free one; default: off")
      ->check(CLI::Range(0, 65535));
  app.add_option("--log-level", flags.log_level, "debug, info, warning or error")
      ->transform(CLI::CheckedTransformer(levels).description("L"));
}

}  // namespace
}  // namespace lingula

int main(int argc, char** argv) {
  lingula::WaitBriefly(argv);
  lingula::Flags flags;
  CLI::App app("Segments chest X-rays with language guidance. For research use only.");
  lingula::AddFlags(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;  // help is no mistake
  }
  const absl::Status status = lingula::Run(flags);
  if (!status.ok()) {
    std::cerr << "lingula-server: " << status.message() << "\n";
    return 1;
  }
  return 0;
}
