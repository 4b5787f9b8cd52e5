#include "server/metrics/exposer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <future>
#include <thread>
#include <utility>

#include <prometheus/exposer.h>

#include "absl/strings/str_cat.h"

namespace lingula {
namespace {

// Connects and hangs up. IPv4 only: with IPv6 the stop takes its 2 s.
void Knock(const std::string& host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) {
    return;
  }
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) == 1) {
    [[maybe_unused]] const int refused =
        connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  }
  close(fd);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Exposer>> Exposer::Start(const std::string& host, int port,
                                                        const Metrics& metrics) {
  const std::string address = absl::StrCat(host, ":", port);
  try {  // CivetWeb throws when it cannot listen
    auto http = std::make_unique<prometheus::Exposer>(address);
    http->RegisterCollectable(metrics.registry_);
    http->RegisterCollectable(metrics.process_);
    http->RegisterCollectable(metrics.devices_);
    const int chosen = http->GetListeningPorts().at(0);
    return std::unique_ptr<Exposer>(new Exposer(std::move(http), host, chosen));
  } catch (const std::exception& error) {
    return absl::UnavailableError(absl::StrCat(
        "metrics: cannot listen on ", address,
        ": the host must be an IP address of this machine and the port free (", error.what(), ")"));
  }
}

Exposer::Exposer(std::unique_ptr<prometheus::Exposer> http, const std::string& host, int port)
    : http_(std::move(http)), host_(host), port_(port) {}

// CivetWeb's accepting thread looks only every 2 s whether it should stop, or when somebody
// connects: so somebody does, until it has stopped.
Exposer::~Exposer() {
  std::promise<void> stopped;
  std::future<void> is_stopped = stopped.get_future();
  std::thread stop([this, &stopped] {
    http_.reset();
    stopped.set_value();
  });
  do {
    Knock(host_, port_);
  } while (is_stopped.wait_for(std::chrono::milliseconds(5)) != std::future_status::ready);
  stop.join();
}

}  // namespace lingula
