// A typed client of Lingula: one method an RPC, deadlines, retries, absl::Status.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/channel_security.h"
#include "client/frame_stream.h"
#include "client/retry.h"
#include "grpc/health/v1/health.pb.h"
#include "lingula/v1/models.pb.h"
#include "lingula/v1/segmentation.pb.h"
#include "model/base/clock.h"

namespace lingula {

// The largest request and answer.
inline constexpr int kMaxMessageBytes = 64 << 20;

struct ClientOptions {
  std::string target = "127.0.0.1:8500";  // host:port, or any gRPC target
  ChannelSecurity security;
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds deadline{30000};  // of a call that names none, retries included
  bool wait_for_ready = false;                // true: a server that is not there yet is waited for
  RetryPolicy retry;
  const Clock* clock = &Clock::Real();                  // never null; outlives the client
  std::function<void(std::chrono::nanoseconds)> sleep;  // default: really sleeps
  // Asked on the thread of each call, and each retry: the W3C traceparent of the caller's span;
  // empty: there is none.
  std::function<std::string()> traceparent = [] { return std::string(); };
};

// A connection to one server. It mends itself when the server comes back, and never goes through an
// HTTP proxy: images must not leave by a way that nobody chose.
//
// Errors   The server's code and message, its details (google.rpc.BadRequest, ...) as payloads
// under
//          their type URL. UNAVAILABLE that names the target when no connection could be made;
//          OUT_OF_RANGE, nothing sent, for a request above kMaxMessageBytes.
// Threads  Thread-safe; each call blocks its own thread, for its deadline at most.
class Client {
 public:
  using Serving = grpc::health::v1::HealthCheckResponse::ServingStatus;
  using Deadline = std::optional<std::chrono::milliseconds>;  // from now; default: the options'

  // Connects. Errors those of OpenChannel; UNAVAILABLE at once when nobody listens (with
  // wait_for_ready: after connect_timeout).
  static absl::StatusOr<std::unique_ptr<Client>> Connect(const ClientOptions& options);
  ~Client();

  absl::StatusOr<v1::SegmentResponse> Segment(const v1::SegmentRequest& request,
                                              Deadline deadline = std::nullopt);
  // A stream without deadline. What the server thinks of `settings` comes with the stream's end.
  absl::StatusOr<std::unique_ptr<FrameStream>> OpenStream(const v1::StreamSettings& settings);
  absl::StatusOr<v1::ListModelsResponse> ListModels(Deadline deadline = std::nullopt);
  // "name" or "name@version".
  absl::StatusOr<v1::GetModelResponse> GetModel(const std::string& model,
                                                Deadline deadline = std::nullopt);
  // Of one service, or of the whole server when `service` is empty. NOT_FOUND for an unknown one.
  absl::StatusOr<Serving> Health(const std::string& service, Deadline deadline = std::nullopt);

 private:
  struct Connection;
  explicit Client(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace lingula
