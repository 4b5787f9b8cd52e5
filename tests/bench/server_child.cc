#include "tests/bench/server_child.h"

#include <unistd.h>

#include <filesystem>

#include <google/protobuf/text_format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "lingula/config/v1/server_config.pb.h"
#include "model/base/cores.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"

namespace lingula::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kStartLimit{60};

// A file that is gone with this object.
struct TemporaryFile {
  explicit TemporaryFile(const std::string& name)
      : path((fs::temp_directory_path() / absl::StrCat(name, getpid())).string()) {}
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
  const std::string path;
};

absl::StatusOr<std::string> ConfigFor(const ServerSetup& setup) {
  config::v1::ServerConfig config;
  config.set_port(0);
  config.set_metrics_port(0);
  for (const std::string& bundle : setup.bundles) {
    const fs::path folder = fs::canonical(bundle);
    config.set_model_repository(folder.parent_path().parent_path().string());
    config::v1::ServedModel& model = *config.add_models();
    model.set_name(folder.parent_path().filename().string());
    model.set_version(folder.filename().string());
  }
  config.set_log_level(config::v1::LOG_LEVEL_WARNING);
  if (!google::protobuf::TextFormat::ParseFromString(setup.cpu, config.mutable_cpu())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--cpu \"", setup.cpu,
        "\": give fields of `cpu` in the server's configuration, as in 'instances: 2'"));
  }
  if (setup.max_batch_size > 0) {
    config.mutable_batching()->set_max_batch_size(static_cast<unsigned>(setup.max_batch_size));
  }
  std::string text;
  google::protobuf::TextFormat::PrintToString(config, &text);
  return text;
}

// Of a server with this configuration on this machine.
absl::StatusOr<CpuShare> ShareFor(const std::string& text) {
  LINGULA_ASSIGN_OR_RETURN(const ServerConfig config, ParseServerConfig(text, "lingula-bench"));
  return ShareCpu(config, static_cast<int>(AllowedCores().size()));
}

absl::StatusOr<int> PortFrom(const std::string& ready, const char* name) {
  const auto json = nlohmann::json::parse(ready, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains(name) || !json[name].is_number_integer()) {
    return absl::InternalError(
        absl::StrCat("lingula-server: its first line must name its ", name, ", got ", ready));
  }
  return json[name].get<int>();
}

}  // namespace

std::shared_ptr<grpc::Channel> ConnectTo(int port) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port),
                                   grpc::InsecureChannelCredentials(), arguments);
}

absl::StatusOr<std::unique_ptr<ServerChild>> ServerChild::Start(const std::string& bundle,
                                                                const std::string& cpu) {
  return Start(ServerSetup{{bundle}, cpu, 0, {}});
}

absl::StatusOr<std::unique_ptr<ServerChild>> ServerChild::Start(const ServerSetup& setup) {
  const TemporaryFile config("lingula-bench-config-");
  LINGULA_ASSIGN_OR_RETURN(const std::string text, ConfigFor(setup));
  LINGULA_RETURN_IF_ERROR(WriteFile(config.path, text));
  std::unique_ptr<ServerChild> server(new ServerChild());
  LINGULA_ASSIGN_OR_RETURN(server->share_, ShareFor(text));
  server->started_ = Clock::Real().Now();
  std::vector<std::string> words = setup.launcher;
  words.insert(words.end(),
               {absl::StrCat(OwnFolder(), "/lingula-server"), "--config", config.path});
  LINGULA_ASSIGN_OR_RETURN(server->child_, Child::Start(words));
  LINGULA_ASSIGN_OR_RETURN(const std::string ready, server->child_->ReadLine(kStartLimit));
  const std::chrono::duration<double> took = Clock::Real().Now() - server->started_;
  server->ready_seconds_ = took.count();
  LINGULA_ASSIGN_OR_RETURN(const int port, PortFrom(ready, "grpc_port"));
  LINGULA_ASSIGN_OR_RETURN(const int metrics_port, PortFrom(ready, "metrics_port"));
  server->target_ = {absl::StrCat("127.0.0.1:", port), absl::StrCat("127.0.0.1:", metrics_port),
                     server->child_->pid()};
  server->stub_ = v1::Segmentation::NewStub(ConnectTo(port));
  return server;
}

}  // namespace lingula::bench
