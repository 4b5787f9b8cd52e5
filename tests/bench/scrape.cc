#include "tests/bench/scrape.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "model/base/status_macros.h"

namespace lingula::bench {
namespace {

// A connected socket, closed with this object.
class Socket {
 public:
  explicit Socket(const addrinfo& address)
      : fd_(socket(address.ai_family, address.ai_socktype, address.ai_protocol)) {
    const timeval limit{10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    connected_ = fd_ >= 0 && connect(fd_, address.ai_addr, address.ai_addrlen) == 0;
  }
  ~Socket() {
    if (fd_ >= 0) {
      close(fd_);
    }
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool connected() const { return connected_; }
  // Everything that comes until the other side closes.
  std::string Ask(absl::string_view request) const {
    std::string answer;
    if (send(fd_, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size())) {
      return answer;
    }
    char buffer[16384];
    for (ssize_t got; (got = recv(fd_, buffer, sizeof(buffer), 0)) > 0;) {
      answer.append(buffer, static_cast<size_t>(got));
    }
    return answer;
  }

 private:
  int fd_;
  bool connected_ = false;
};

}  // namespace

absl::StatusOr<Samples> Scrape(const std::string& target) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(target, absl::MaxSplits(':', 1));
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(parts.first.c_str(), parts.second.c_str(), &wanted, &found) != 0) {
    return absl::UnavailableError(absl::StrCat(target, ": not a host and port that can be found"));
  }
  std::string answer;
  for (const addrinfo* address = found; address != nullptr && answer.empty();
       address = address->ai_next) {
    const Socket socket(*address);
    answer = socket.connected() ? socket.Ask("GET /metrics HTTP/1.0\r\n\r\n") : "";
  }
  freeaddrinfo(found);
  if (!absl::StrContains(answer.substr(0, answer.find('\r')), " 200 ")) {
    return absl::UnavailableError(absl::StrCat("no metrics at http://", target, "/metrics"));
  }
  return ParseSamples(answer);
}

Samples ParseSamples(absl::string_view text) {
  Samples samples;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripTrailingAsciiWhitespace(line);
    const size_t space = line.rfind(' ');
    double value = 0;
    if (space != absl::string_view::npos && line[0] != '#' &&
        absl::SimpleAtod(line.substr(space + 1), &value)) {
      samples[std::string(line.substr(0, space))] = value;
    }
  }
  return samples;
}

double Sum(const Samples& samples, absl::string_view name,
           std::initializer_list<absl::string_view> labels) {
  double sum = 0;
  for (const auto& [key, value] : samples) {
    absl::string_view rest = key;
    bool wanted = absl::ConsumePrefix(&rest, name) && (rest.empty() || rest[0] == '{');
    for (const absl::string_view label : labels) {
      wanted = wanted && absl::StrContains(rest, label);
    }
    sum += wanted ? value : 0;
  }
  return sum;
}

Samples Growth(const Samples& before, const Samples& after) {
  Samples growth;
  for (const auto& [key, value] : after) {
    const auto was = before.find(key);
    growth[key] = value - (was == before.end() ? 0 : was->second);
  }
  return growth;
}

}  // namespace lingula::bench
