#include "client/client.h"

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/channel.h"
#include "client/frame_stream_call.h"
#include "client/grpc_status.h"
#include "google/rpc/error_details.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "lingula/v1/models.grpc.pb.h"
#include "lingula/v1/segmentation.grpc.pb.h"
#include "model/base/mutex.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

using std::chrono::milliseconds;

constexpr char kPushback[] = "grpc-retry-pushback-ms";
// A server of ours allows 10 s (server/listener.cc).
constexpr int kAskAfter_ms = 15000;

Failure FailureFrom(const grpc::Status& status, const grpc::ClientContext& context) {
  Failure failure;
  failure.code = static_cast<absl::StatusCode>(status.error_code());
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto pushback = trailers.find(kPushback);
  if (pushback != trailers.end()) {
    int asked_ms = -1;
    const absl::string_view text(pushback->second.data(), pushback->second.length());
    failure.forbidden = !absl::SimpleAtoi(text, &asked_ms) || asked_ms < 0;
    failure.asked = milliseconds(asked_ms);
    return failure;
  }
  const google::rpc::Status details = DetailsOf(status);
  for (const google::protobuf::Any& detail : details.details()) {
    google::rpc::RetryInfo info;
    if (detail.UnpackTo(&info) && info.retry_delay().seconds() >= 0) {
      constexpr int64_t kLongest_s = 24 * 3600;  // anything longer is past every deadline anyway
      failure.asked = milliseconds(std::min(info.retry_delay().seconds(), kLongest_s) * 1000 +
                                   info.retry_delay().nanos() / 1'000'000);
    }
  }
  return failure;
}

}  // namespace

struct Client::Connection {
  explicit Connection(const ClientOptions& o) : options(o), random(std::random_device{}()) {}

  absl::Status Open() {
    if (options.sleep == nullptr) {
      options.sleep = [](std::chrono::nanoseconds time) { std::this_thread::sleep_for(time); };
    }
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
    arguments.SetMaxSendMessageSize(kMaxMessageBytes);
    // As patient as the calls: by its own defaults gRPC would soon wait minutes for a server that
    // came back long ago.
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS,
                     static_cast<int>(options.retry.first_wait.count()));
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS,
                     static_cast<int>(options.retry.longest_wait_away.count()));
    // A network that swallows packets breaks no connection: whoever waits for an answer asks.
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kAskAfter_ms);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kAskAfter_ms / 3);
    arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // no bound
    LINGULA_ASSIGN_OR_RETURN(channel, OpenChannel(options.target, options.security, arguments));
    segmentation = v1::Segmentation::NewStub(channel);
    models = v1::Models::NewStub(channel);
    health = grpc::health::v1::Health::NewStub(channel);
    return absl::OkStatus();
  }

  absl::Status WaitUntilConnected();
  absl::Status Unreachable(absl::string_view why) const {
    return absl::UnavailableError(absl::StrCat("cannot reach ", options.target, ": ", why));
  }
  double Random() ABSL_LOCKS_EXCLUDED(mu) {
    MutexLock lock(mu);
    return std::uniform_real_distribution<double>(0.0, 1.0)(random);
  }

  void AddTrace(grpc::ClientContext& context) const {
    if (const std::string traceparent = options.traceparent(); !traceparent.empty()) {
      context.AddMetadata("traceparent", traceparent);
    }
  }

  // Runs `attempt` until it succeeds, retrying is not allowed, or time is up.
  using Attempt = std::function<grpc::Status(grpc::ClientContext&)>;
  absl::Status Call(const Attempt& attempt, Client::Deadline deadline);

  ClientOptions options;
  std::shared_ptr<grpc::Channel> channel;  // shared with the stubs: gRPC's own type
  std::unique_ptr<v1::Segmentation::Stub> segmentation;
  std::unique_ptr<v1::Models::Stub> models;
  std::unique_ptr<grpc::health::v1::Health::Stub> health;
  Mutex mu;
  std::minstd_rand random ABSL_GUARDED_BY(mu);
};

absl::Status Client::Connection::WaitUntilConnected() {
  const auto until = std::chrono::system_clock::now() + options.connect_timeout;
  grpc_connectivity_state state = channel->GetState(/*try_to_connect=*/true);
  while (state != GRPC_CHANNEL_READY) {
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE && !options.wait_for_ready) {
      return Unreachable(
          options.security.UsesTls()
              ? "nobody answers there, or not with a certificate that is trusted, or "
                "ours is missing or refused"
              : "nobody answers there (is the server running, without TLS?)");
    }
    if (!channel->WaitForStateChange(state, until)) {
      return Unreachable(
          absl::StrCat("no connection within ", options.connect_timeout.count(), " ms"));
    }
    state = channel->GetState(/*try_to_connect=*/true);
  }
  return absl::OkStatus();
}

absl::Status Client::Connection::Call(const Attempt& attempt, Client::Deadline deadline) {
  const milliseconds allowed = deadline.value_or(options.deadline);
  const Instant end = options.clock->Now() + allowed;
  int full = 0, away = 0;  // attempts that failed like that
  while (true) {
    grpc::ClientContext context;
    context.set_wait_for_ready(options.wait_for_ready);
    context.set_deadline(
        std::chrono::system_clock::now() +
        std::chrono::duration_cast<std::chrono::microseconds>(end - options.clock->Now()));
    AddTrace(context);
    const grpc::Status status = attempt(context);
    if (status.ok()) {
      return absl::OkStatus();
    }
    const Failure failure = FailureFrom(status, context);
    const int attempts = IsAway(failure.code) ? ++away : ++full;
    const auto wait =
        WaitBeforeRetry(options.retry, attempts, failure, options.clock->Now(), end, Random());
    if (wait.has_value()) {
      options.sleep(*wait);
      continue;
    }
    const bool connected = channel->GetState(/*try_to_connect=*/false) == GRPC_CHANNEL_READY;
    if (status.error_code() == grpc::DEADLINE_EXCEEDED && !connected) {
      return Unreachable(absl::StrCat("no connection within ", allowed.count(), " ms"));
    }
    if (status.error_code() == grpc::UNAVAILABLE && !connected) {
      return Unreachable(status.error_message());
    }
    return StatusFrom(status);
  }
}

absl::StatusOr<std::unique_ptr<Client>> Client::Connect(const ClientOptions& options) {
  auto connection = std::make_unique<Connection>(options);
  LINGULA_RETURN_IF_ERROR(connection->Open());
  LINGULA_RETURN_IF_ERROR(connection->WaitUntilConnected());
  return std::unique_ptr<Client>(new Client(std::move(connection)));
}

Client::Client(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Client::~Client() = default;

absl::StatusOr<v1::SegmentResponse> Client::Segment(const v1::SegmentRequest& request,
                                                    Deadline deadline) {
  if (request.ByteSizeLong() > static_cast<size_t>(kMaxMessageBytes)) {
    return absl::OutOfRangeError(absl::StrCat("the request has ", request.ByteSizeLong(),
                                              " bytes; at most ", kMaxMessageBytes,
                                              " can be sent"));
  }
  v1::SegmentResponse response;
  LINGULA_RETURN_IF_ERROR(connection_->Call(
      [&](grpc::ClientContext& context) {
        return connection_->segmentation->Segment(&context, request, &response);
      },
      deadline));
  return response;
}

absl::StatusOr<std::unique_ptr<FrameStream>> Client::OpenStream(
    const v1::StreamSettings& settings) {
  auto call = std::make_unique<FrameStream::Call>();
  call->context.set_wait_for_ready(connection_->options.wait_for_ready);
  connection_->AddTrace(call->context);
  call->stream = connection_->segmentation->SegmentStream(&call->context);
  std::unique_ptr<FrameStream> stream(new FrameStream(std::move(call)));
  v1::SegmentStreamRequest first;
  *first.mutable_settings() = settings;
  if (stream->call_->stream->Write(first)) {
    return stream;
  }
  const absl::Status status = stream->Finish();
  return status.ok() ? absl::InternalError("the server ended the stream before its first frame")
                     : status;
}

absl::StatusOr<v1::ListModelsResponse> Client::ListModels(Deadline deadline) {
  v1::ListModelsResponse response;
  LINGULA_RETURN_IF_ERROR(connection_->Call(
      [&](grpc::ClientContext& context) {
        return connection_->models->ListModels(&context, v1::ListModelsRequest(), &response);
      },
      deadline));
  return response;
}

absl::StatusOr<v1::GetModelResponse> Client::GetModel(const std::string& model, Deadline deadline) {
  v1::GetModelRequest request;
  request.set_model(model);
  v1::GetModelResponse response;
  LINGULA_RETURN_IF_ERROR(connection_->Call(
      [&](grpc::ClientContext& context) {
        return connection_->models->GetModel(&context, request, &response);
      },
      deadline));
  return response;
}

absl::StatusOr<Client::Serving> Client::Health(const std::string& service, Deadline deadline) {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  grpc::health::v1::HealthCheckResponse response;
  LINGULA_RETURN_IF_ERROR(connection_->Call(
      [&](grpc::ClientContext& context) {
        return connection_->health->Check(&context, request, &response);
      },
      deadline));
  return response.status();
}

}  // namespace lingula
