// The home of cpp-httplib: a small HTTP server.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/console/door_rules.h"
#include "client/console/http_messages.h"

namespace lingula::console {

// Answers what CheckCaller lets in, each connection on a thread of its own. Every answer carries
// DoorHeaders. Whatever has no route is answered with 404.
class HttpDoor {
 public:
  using Answer = std::function<HttpReply(const HttpRequest&)>;
  using AnswerBody = std::function<HttpReply(const HttpRequest&, const std::string& body)>;
  // An upload of any length, answered piece by piece. `Take` sees the body as it comes; then Reply
  // writes until it has nothing more to say or `write` returns false, which it does once nobody
  // reads any more.
  class Exchange {
   public:
    virtual ~Exchange() = default;
    virtual void Take(absl::string_view piece) = 0;
    virtual void Reply(const TakePiece& write) = 0;
  };
  using OpenExchange = std::function<std::unique_ptr<Exchange>(const HttpRequest&)>;

  explicit HttpDoor(DoorRules rules);
  ~HttpDoor();

  // Routes, before Serve. Paths are exact.
  void Get(const std::string& path, Answer answer);
  // Of a body above `max_bytes`, one byte more than that is handed over: enough to see it.
  void Post(const std::string& path, size_t max_bytes, AnswerBody answer);
  void Exchanges(const std::string& path, const std::string& type, OpenExchange open);

  // The port; 0 chooses a free one. UNAVAILABLE when it cannot be had.
  absl::StatusOr<int> Listen(const std::string& host, int port);
  // Answers until the process ends, or Stop.
  void Serve();
  void Stop();

 private:
  struct Server;
  const std::unique_ptr<Server> server_;
};

}  // namespace lingula::console
