#include "server/connections.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace lingula {
namespace {

constexpr int kBacklog = 512;
// After a failed accept, when all descriptors are taken: spinning would help nobody.
constexpr int kPause_ms = 20;

// What the system calls the socket behind a descriptor; none: it is closed.
std::optional<ino_t> SocketOf(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode)
             ? std::optional<ino_t>(status.st_ino)
             : std::nullopt;
}

// Models, files and threads need descriptors too.
int Within(int connections) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return connections;
  }
  return static_cast<int>(std::min<rlim_t>(connections, limit.rlim_cur / 4 * 3));
}

// -1 when it cannot be had.
int ListenOn(const addrinfo& address) {
  const int fd = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  if (fd < 0) {
    return -1;
  }
  // Not SO_REUSEPORT: a second server on the same port would steal half of the calls.
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(fd, address.ai_addr, address.ai_addrlen) != 0 || listen(fd, kBacklog) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

int ListenOn(const std::string& host, int port) {
  absl::string_view name = host;
  if (absl::ConsumePrefix(&name, "[")) {
    absl::ConsumeSuffix(&name, "]");
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(std::string(name).c_str(), absl::StrCat(port).c_str(), &hints, &found) != 0) {
    return -1;
  }
  int fd = -1;
  for (const addrinfo* one = found; one != nullptr && fd < 0; one = one->ai_next) {
    fd = ListenOn(*one);
  }
  freeaddrinfo(found);
  return fd;
}

int PortOf(int listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connections>> Connections::Open(const std::string& host, int port,
                                                               int max_open,
                                                               std::function<void()> refused) {
  const int listener = ListenOn(host, port);
  const int wake = listener < 0 ? -1 : eventfd(0, EFD_CLOEXEC);
  if (wake < 0) {
    if (listener >= 0) {
      close(listener);
    }
    return absl::UnavailableError(absl::StrCat("cannot listen on ", host, ":", port,
                                               ": is the port taken, the host another machine's?"));
  }
  return std::unique_ptr<Connections>(
      new Connections(listener, wake, max_open, std::move(refused)));
}

Connections::Connections(int listener, int wake, int max_open, std::function<void()> refused)
    : listener_(listener),
      wake_(wake),
      max_open_(Within(max_open)),
      refused_(std::move(refused)),
      port_(PortOf(listener)) {}

Connections::~Connections() {
  Stop();
  close(wake_);
}

void Connections::Register(grpc::ServerBuilder& builder,
                           const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
}

void Connections::Start() {
  thread_ = std::thread([this] { Accept(); });
}

void Connections::Stop() {
  if (thread_.joinable()) {
    eventfd_write(wake_, 1);
    thread_.join();
  }
  if (listener_ >= 0) {
    close(std::exchange(listener_, -1));
  }
}

// Looks which connections are closed only when it matters.
bool Connections::HasRoom() {
  if (static_cast<int>(open_.size()) < max_open_) {
    return true;
  }
  for (auto it = open_.begin(); it != open_.end();) {
    it = SocketOf(it->first) == it->second ? std::next(it) : open_.erase(it);
  }
  return static_cast<int>(open_.size()) < max_open_;
}

void Connections::Accept() {
  pollfd waiting[] = {{listener_, POLLIN, 0}, {wake_, POLLIN, 0}};
  while (true) {
    if (poll(waiting, 2, -1) < 0 && errno != EINTR) {
      return;
    }
    if (waiting[1].revents != 0) {
      return;
    }
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
      if (errno == EMFILE || errno == ENFILE) {
        poll(&waiting[1], 1, kPause_ms);
      }
      continue;
    }
    if (!HasRoom()) {
      close(fd);
      refused_();
      continue;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    open_[fd] = SocketOf(fd).value_or(0);
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.listener_fd = listener_;
    connection.fd = fd;  // gRPC's from here on
    acceptor_->HandleNewConnection(&connection);
  }
}

}  // namespace lingula
