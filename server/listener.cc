#include "server/listener.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/security/server_credentials.h>

#include "absl/strings/str_cat.h"
#include "server/tls_credentials.h"

namespace lingula {
namespace {

// Of a client that does not answer a ping.
constexpr int kSilence_ms = 20'000;
// A client may ask as often whether we are there: what gRPC's own clients may be told to do.
constexpr int kLeastPingInterval_ms = 10'000;

int Milliseconds(std::chrono::seconds time) {
  return static_cast<int>(std::chrono::milliseconds(time).count());
}

// Whoever links gRPC's reflection has it on all ports; so it is taken out where it shall not be.
class Reflection final : public grpc::ServerBuilderOption {
 public:
  explicit Reflection(bool on) : on_(on) {}
  void UpdateArguments(grpc::ChannelArguments* /*arguments*/) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    const auto is_reflection = [name = grpc::reflection::ProtoServerReflectionPlugin().name()](
                                   const auto& plugin) { return plugin->name() == name; };
    if (!on_) {
      plugins->erase(std::remove_if(plugins->begin(), plugins->end(), is_reflection),
                     plugins->end());
    }
  }

 private:
  const bool on_;
};

void Limit(const ConnectionLimits& limits, grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.max_calls);
  // Covers TLS and then the first HTTP/2 settings: who sends half a greeting is cut off.
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Milliseconds(limits.handshake));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, limits.max_metadata_bytes);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(limits.keepalive));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kSilence_ms);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kLeastPingInterval_ms);
  // gRPC inflates a message before it looks at its size: a thousand times max_message_bytes.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  if (limits.idle.count() > 0) {
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Milliseconds(limits.idle));
  }
  if (limits.max_age.count() > 0) {
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(limits.max_age));
  }
}

}  // namespace

void Listener::Shutdown(std::chrono::system_clock::time_point deadline) {
  if (server != nullptr) {
    connections->Stop();
    server->Shutdown(deadline);
    server.reset();
  }
}

absl::StatusOr<Listener> Listen(grpc::ServerBuilder& builder, const std::string& host, int port,
                                absl::string_view what, const ListenerOptions& options) {
  Listener listener;
  auto connections =
      Connections::Open(host, port, options.limits.max_open, options.refused_connection);
  if (!connections.ok()) {
    return absl::Status(connections.status().code(),
                        absl::StrCat(what, connections.status().message()));
  }
  listener.connections = *std::move(connections);
  listener.port = listener.connections->port();
  listener.connections->Register(
      builder, options.certificates == nullptr
                   ? grpc::InsecureServerCredentials()
                   : TlsCredentials(*options.certificates, options.client_certificate_required));
  Limit(options.limits, builder);
  builder.SetOption(std::make_unique<Reflection>(options.reflection));
  listener.server = builder.BuildAndStart();
  if (listener.server == nullptr) {
    return absl::InternalError(absl::StrCat(what, "gRPC did not start"));
  }
  listener.connections->Start();
  return listener;
}

}  // namespace lingula
