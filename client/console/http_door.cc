#include "client/console/http_door.h"

#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <utility>

#include <httplib.h>

#include "absl/strings/str_cat.h"

namespace lingula::console {
namespace {

// A browser keeps six connections open to a page, each of which holds a thread while it lasts.
constexpr size_t kThreads = 32;
constexpr size_t kRequestsPerConnection = 10000;
constexpr int kBodyWait_s = 60;     // for the next piece of a body
constexpr int kPauseWait_s = 3600;  // for a page that does not read: a video may be paused

HttpRequest FromWire(const httplib::Request& wire) {
  HttpRequest request;
  for (const auto& [name, value] : wire.params) {
    request.parameters.emplace(name, value);
  }
  return request;
}

void ToWire(const HttpReply& reply, httplib::Response& wire) {
  wire.status = reply.status;
  wire.set_content(reply.body, reply.type);
}

HttpReply Plain(int status, absl::string_view text) {
  return {status, "text/plain; charset=utf-8", absl::StrCat(text, "\n")};
}

// An unread body would be taken for the next request of its connection.
void Drain(const httplib::ContentReader& reader) {
  reader([](const char*, size_t) { return true; });
}

// No SO_REUSEPORT, the library's default, with which two consoles would share a port by chance.
void SetSocketOptions(int socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
}

}  // namespace

struct HttpDoor::Server {
  explicit Server(DoorRules r) : rules(std::move(r)) {
    http.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    http.set_keep_alive_max_count(kRequestsPerConnection);
    http.set_read_timeout(kBodyWait_s);
    http.set_write_timeout(kPauseWait_s);
    http.set_tcp_nodelay(true);
    http.set_socket_options(SetSocketOptions);
    httplib::Headers headers;
    for (const auto& [name, value] : DoorHeaders()) {
      headers.emplace(name, value);
    }
    http.set_default_headers(headers);
  }

  // False: answered already.
  bool Admits(const httplib::Request& request, httplib::Response& response) const {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    const absl::Status allowed = CheckCaller(
        rules, {!reads, request.get_header_value("Host"), request.get_header_value("Origin")});
    if (!allowed.ok()) {
      ToWire(Plain(403, allowed.message()), response);
    }
    return allowed.ok();
  }

  // What has no route, and a body of any method: the library would take it into memory.
  void RefuseTheRest() {
    const auto refuse = [this](const httplib::Request& request, httplib::Response& response,
                               const httplib::ContentReader& reader) {
      Drain(reader);
      if (Admits(request, response)) {
        ToWire(Plain(404, "there is nothing here"), response);
      }
    };
    http.Post(".*", refuse).Put(".*", refuse).Patch(".*", refuse).Delete(".*", refuse);
    http.Get(".*", [this](const httplib::Request& request, httplib::Response& response) {
      if (Admits(request, response)) {
        ToWire(Plain(404, "there is nothing here"), response);
      }
    });
  }

  const DoorRules rules;
  httplib::Server http;
};

HttpDoor::HttpDoor(DoorRules rules) : server_(std::make_unique<Server>(std::move(rules))) {}
HttpDoor::~HttpDoor() = default;

void HttpDoor::Get(const std::string& path, Answer answer) {
  server_->http.Get(path, [server = server_.get(), answer = std::move(answer)](
                              const httplib::Request& request, httplib::Response& response) {
    if (server->Admits(request, response)) {
      ToWire(answer(FromWire(request)), response);
    }
  });
}

void HttpDoor::Post(const std::string& path, size_t max_bytes, AnswerBody answer) {
  server_->http.Post(path, [server = server_.get(), max_bytes, answer = std::move(answer)](
                               const httplib::Request& request, httplib::Response& response,
                               const httplib::ContentReader& reader) {
    if (!server->Admits(request, response)) {
      Drain(reader);
      return;
    }
    std::string body;
    const bool whole = reader([&](const char* data, size_t size) {
      body.append(data, std::min(size, max_bytes + 1 - body.size()));
      return true;
    });
    if (whole) {
      ToWire(answer(FromWire(request), body), response);
    }
  });
}

void HttpDoor::Exchanges(const std::string& path, const std::string& type, OpenExchange open) {
  server_->http.Post(path, [server = server_.get(), type, open = std::move(open)](
                               const httplib::Request& request, httplib::Response& response,
                               const httplib::ContentReader& reader) {
    if (!server->Admits(request, response)) {
      Drain(reader);
      return;
    }
    // shared: the library copies what it calls.
    const std::shared_ptr<Exchange> exchange = open(FromWire(request));
    const bool whole = reader([&](const char* data, size_t size) {
      exchange->Take(absl::string_view(data, size));
      return true;
    });
    if (!whole) {
      return;
    }
    response.set_chunked_content_provider(type, [exchange](size_t, httplib::DataSink& sink) {
      bool read = true;
      exchange->Reply([&](absl::string_view piece) {
        read = read && sink.write(piece.data(), piece.size());
        return read;
      });
      if (read) {
        sink.done();
      }
      return read;
    });
  });
}

absl::StatusOr<int> HttpDoor::Listen(const std::string& host, int port) {
  server_->RefuseTheRest();
  const int bound = port == 0 ? server_->http.bind_to_any_port(host)
                              : (server_->http.bind_to_port(host, port) ? port : -1);
  if (bound < 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", host, ":", port,
                     ": is another program there already? --port 0 takes any free one"));
  }
  return bound;
}

void HttpDoor::Serve() {
  server_->http.listen_after_bind();
}

void HttpDoor::Stop() {
  server_->http.stop();
}

}  // namespace lingula::console
