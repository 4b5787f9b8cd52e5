// lingula-dicom-node: takes pictures by C-STORE, lets the service segment them, stores the results
// in a PACS. Exit code 0 after SIGTERM or SIGINT, 1 it cannot work, 2 usage.
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/dcmnet/dul.h>
#include <dcmtk/oflog/oflog.h>
#include <CLI/CLI.hpp>

#include "client/client.h"
#include "client/dicom_node/forwarder.h"
#include "client/dicom_node/listener.h"
#include "client/dicom_node/node_config.h"
#include "client/dicom_node/node_metrics.h"
#include "client/dicom_node/pacs_sender.h"
#include "client/dicom_node/spool.h"
#include "client/interruption.h"
#include "model/base/file.h"
#include "model/base/log.h"
#include "model/base/mutex.h"
#include "model/base/status_macros.h"

namespace lingula::node {
namespace {

constexpr std::chrono::seconds kHealthDeadline{2};

struct Flags {
  std::string config;
  bool check_config = false;
  std::optional<int> port;
};

// The service, connected to when it is needed first. Thread-safe.
class Service {
 public:
  explicit Service(const NodeConfig& config) : config_(config) {}

  absl::StatusOr<v1::SegmentResponse> Segment(const v1::SegmentRequest& request) {
    LINGULA_ASSIGN_OR_RETURN(Client* const client, Connected());
    // A call would wait for a service that is away until its deadline, and stopping with it.
    LINGULA_ASSIGN_OR_RETURN(const Client::Serving serving, client->Health("", kHealthDeadline));
    if (serving != grpc::health::v1::HealthCheckResponse::SERVING) {
      return absl::UnavailableError("the service is not serving");
    }
    return client->Segment(request);
  }

 private:
  absl::StatusOr<Client*> Connected() {
    MutexLock lock(mu_);
    if (client_ == nullptr) {
      ClientOptions options;
      options.target = config_.service;
      options.security = config_.security;
      options.deadline = config_.deadline;
      absl::StatusOr<std::unique_ptr<Client>> client = Client::Connect(options);
      if (!client.ok()) {  // whatever it is, a missing file too, the pictures are not to blame
        return absl::UnavailableError(client.status().message());
      }
      client_ = *std::move(client);
    }
    return client_.get();
  }

  const NodeConfig& config_;
  Mutex mu_;
  std::unique_ptr<Client> client_ ABSL_GUARDED_BY(mu_);
};

absl::Status ServeNode(const NodeConfig& config) {
  const cli::Interruption interruption;
  LINGULA_ASSIGN_OR_RETURN(const std::unique_ptr<Spool> spool, Spool::Open(config.spool));
  LINGULA_ASSIGN_OR_RETURN(
      const std::unique_ptr<Listener> listener,
      Listener::Open({config.listen_host, config.port, config.max_associations}));
  Service service(config);
  Forwarder forwarder(config.forwarder,
                      {[&](const v1::SegmentRequest& request) { return service.Segment(request); },
                       [&](const std::string& file) { return StoreInPacs(config.pacs, file); }},
                      *spool);
  std::unique_ptr<NodeMetrics> metrics;
  if (config.metrics_port.has_value()) {
    LINGULA_ASSIGN_OR_RETURN(metrics, NodeMetrics::Serve(config.listen_host, *config.metrics_port,
                                                         config.spool, *spool, forwarder));
  }
  std::vector<std::thread> threads;
  threads.emplace_back([&] { forwarder.StoreLoop(); });
  for (int i = 0; i < config.forwarder.at_a_time; ++i) {
    threads.emplace_back([&] { forwarder.SegmentLoop(); });
  }
  log::Info("serving", {{"port", listener->port()}, {"waiting", spool->files()}});
  std::cout << "{\"dicom_port\":" << listener->port();
  if (metrics != nullptr) {
    std::cout << ",\"metrics_port\":" << metrics->port();
  }
  std::cout << "}" << std::endl;  // flushes
  listener->Serve(config.association, *spool, interruption);
  log::Info("stopping");
  forwarder.Stop();
  for (std::thread& thread : threads) {
    thread.join();
  }
  log::Info("stopped", {{"waiting", spool->files()}});
  return absl::OkStatus();
}

absl::Status Run(const Flags& flags) {
  // DCMTK's own log names patients, files and addresses.
  OFLog::configure(OFLogger::OFF_LOG_LEVEL);
  dcmDisableGethostbyaddr.set(OFTrue);
  if (!dcmDataDict.isDictionaryLoaded()) {
    return absl::FailedPreconditionError(
        "DCMTK's data dictionary is missing: install dcmtk's data");
  }
  LINGULA_ASSIGN_OR_RETURN(const std::string text, ReadFile(flags.config));
  LINGULA_ASSIGN_OR_RETURN(NodeConfig config, ParseNodeConfig(text, flags.config));
  config.port = flags.port.value_or(config.port);
  if (flags.check_config) {
    std::cout << "configuration is good\n";
    return absl::OkStatus();
  }
  return ServeNode(config);
}

}  // namespace
}  // namespace lingula::node

int main(int argc, char** argv) {
  lingula::node::Flags flags;
  CLI::App app("Segments what a modality or gateway sends. Research use only.",
               "lingula-dicom-node");
  app.add_option("--config", flags.config, "Configuration file (docs/dicom-node.md)")
      ->type_name("FILE")
      ->required();
  app.add_flag("--check-config", flags.check_config, "Check the configuration and exit");
  app.add_option("--port", flags.port, "DICOM port, 0: any free one")->check(CLI::Range(0, 65535));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const absl::Status status = lingula::node::Run(flags);
  if (!status.ok()) {
    std::cerr << "lingula-dicom-node: " << status.message() << "\n";
    return 1;
  }
  return 0;
}
