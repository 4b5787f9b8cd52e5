#include "client/dicom_node/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <list>
#include <thread>

#include "absl/strings/str_cat.h"
#include "model/base/log.h"

namespace lingula::node {
namespace {

constexpr int kBacklog = 16;
constexpr std::chrono::milliseconds kAfterFailure{100};  // out of descriptors: let some come back

struct Served {
  std::thread thread;
  std::atomic<bool> done{false};
};

absl::StatusOr<sockaddr_in> Resolve(const ListenerOptions& options) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_family = AF_INET;  // DCMTK knows no other
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(options.host.c_str(), nullptr, &hints, &found) != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("listen_host: ", options.host, " has no IPv4 address"));
  }
  sockaddr_in address{};
  std::memcpy(&address, found->ai_addr, sizeof(address));
  freeaddrinfo(found);
  address.sin_port = htons(static_cast<uint16_t>(options.port));
  return address;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Open(const ListenerOptions& options) {
  absl::StatusOr<sockaddr_in> address = Resolve(options);
  if (!address.ok()) {
    return address.status();
  }
  const int one = 1, listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  auto* generic = reinterpret_cast<sockaddr*>(&*address);
  socklen_t size = sizeof(*address);
  if (listening < 0 || bind(listening, generic, size) != 0 || listen(listening, kBacklog) != 0 ||
      getsockname(listening, generic, &size) != 0) {
    const int error = errno;
    close(listening);
    return absl::UnavailableError(absl::StrCat("cannot listen on ", options.host, ":", options.port,
                                               ": ", std::strerror(error)));
  }
  return std::unique_ptr<Listener>(new Listener(options, listening, ntohs(address->sin_port)));
}

Listener::~Listener() {
  close(socket_);
}

void Listener::Serve(const AssociationOptions& association, Spool& spool,
                     const cli::Interruption& interruption) {
  std::atomic<bool> stopping = false;
  std::list<Served> served;
  const auto join_done = [&served] {
    served.remove_if([](Served& one) {
      const bool done = one.done;
      if (done) {
        one.thread.join();
      }
      return done;
    });
  };
  while (interruption.WaitForInput(socket_)) {
    join_done();
    const int socket = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    const auto limit = static_cast<size_t>(options_.max_associations);
    if (socket < 0) {
      interruption.SleepUntil(Clock::Real().Now() + kAfterFailure);
    } else if (served.size() >= 2 * limit) {
      close(socket);  // not even time to say no
    } else {
      const bool busy = served.size() >= limit;
      Served& one = served.emplace_back();
      one.thread = std::thread([&, socket, busy] {
        ServeAssociation(socket, association, busy, spool, stopping);
        one.done = true;
      });
    }
  }
  stopping = true;
  for (Served& one : served) {
    one.thread.join();
  }
}

}  // namespace lingula::node
