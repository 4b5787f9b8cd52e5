// A typed client of ModelAdmin: one overload an RPC.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/channel_security.h"
#include "lingula/v1/admin.pb.h"

namespace lingula {

// A connection to the admin port of one server. Nothing is tried again: who changes what is served
// wants to know. Never through an HTTP proxy.
// Errors   The server's code and message; UNAVAILABLE that names the target when it is not reached.
// Threads  Thread-safe; each call blocks its own thread, for `deadline` at most.
class AdminClient {
 public:
  // Connects at the first call. Errors those of OpenChannel.
  static absl::StatusOr<std::unique_ptr<AdminClient>> Open(std::string target,
                                                           const ChannelSecurity& security,
                                                           std::chrono::milliseconds deadline);
  ~AdminClient();

  absl::StatusOr<v1::LoadModelResponse> Call(const v1::LoadModelRequest& request);
  absl::StatusOr<v1::ReloadModelResponse> Call(const v1::ReloadModelRequest& request);
  absl::StatusOr<v1::UnloadModelResponse> Call(const v1::UnloadModelRequest& request);
  absl::StatusOr<v1::SetServingVersionResponse> Call(const v1::SetServingVersionRequest& request);
  absl::StatusOr<v1::SetDefaultResponse> Call(const v1::SetDefaultRequest& request);
  absl::StatusOr<v1::SetAliasResponse> Call(const v1::SetAliasRequest& request);
  absl::StatusOr<v1::RemoveAliasResponse> Call(const v1::RemoveAliasRequest& request);
  absl::StatusOr<v1::RollbackResponse> Call(const v1::RollbackRequest& request);
  absl::StatusOr<v1::StartShadowResponse> Call(const v1::StartShadowRequest& request);
  absl::StatusOr<v1::GetShadowResponse> Call(const v1::GetShadowRequest& request);
  absl::StatusOr<v1::StopShadowResponse> Call(const v1::StopShadowRequest& request);
  absl::StatusOr<v1::PromoteShadowResponse> Call(const v1::PromoteShadowRequest& request);
  absl::StatusOr<v1::GetStatusResponse> Call(const v1::GetStatusRequest& request);

 private:
  struct Connection;
  explicit AdminClient(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace lingula
