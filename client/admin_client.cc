#include "client/admin_client.h"

#include <utility>

#include <grpcpp/grpcpp.h>

#include "absl/strings/str_cat.h"
#include "client/channel.h"
#include "lingula/v1/admin.grpc.pb.h"
#include "model/base/status_macros.h"

namespace lingula {

struct AdminClient::Connection {
  template <typename Request, typename Response>
  using Method = grpc::Status (v1::ModelAdmin::StubInterface::*)(grpc::ClientContext*,
                                                                 const Request&, Response*);

  template <typename Request, typename Response>
  absl::StatusOr<Response> Run(Method<Request, Response> method, const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + deadline);
    Response response;
    const grpc::Status status = (stub.get()->*method)(&context, request, &response);
    if (status.ok()) {
      return response;
    }
    if (status.error_code() == grpc::UNAVAILABLE &&
        channel->GetState(false) != GRPC_CHANNEL_READY) {
      return absl::UnavailableError(absl::StrCat(
          "cannot reach ", target, " (is admin_port set, and this it?): ", status.error_message()));
    }
    return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  }

  std::string target;
  std::chrono::milliseconds deadline;
  std::shared_ptr<grpc::Channel> channel;  // shared with the stub: gRPC's own type
  std::unique_ptr<v1::ModelAdmin::Stub> stub;
};

absl::StatusOr<std::unique_ptr<AdminClient>> AdminClient::Open(std::string target,
                                                               const ChannelSecurity& security,
                                                               std::chrono::milliseconds deadline) {
  auto connection = std::make_unique<Connection>();
  LINGULA_ASSIGN_OR_RETURN(connection->channel, OpenChannel(target, security));
  connection->stub = v1::ModelAdmin::NewStub(connection->channel);
  connection->target = std::move(target);
  connection->deadline = deadline;
  return std::unique_ptr<AdminClient>(new AdminClient(std::move(connection)));
}

AdminClient::AdminClient(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
AdminClient::~AdminClient() = default;

absl::StatusOr<v1::LoadModelResponse> AdminClient::Call(const v1::LoadModelRequest& request) {
  return connection_->Run<v1::LoadModelRequest, v1::LoadModelResponse>(
      &v1::ModelAdmin::StubInterface::LoadModel, request);
}

absl::StatusOr<v1::ReloadModelResponse> AdminClient::Call(const v1::ReloadModelRequest& request) {
  return connection_->Run<v1::ReloadModelRequest, v1::ReloadModelResponse>(
      &v1::ModelAdmin::StubInterface::ReloadModel, request);
}

absl::StatusOr<v1::UnloadModelResponse> AdminClient::Call(const v1::UnloadModelRequest& request) {
  return connection_->Run<v1::UnloadModelRequest, v1::UnloadModelResponse>(
      &v1::ModelAdmin::StubInterface::UnloadModel, request);
}

absl::StatusOr<v1::SetServingVersionResponse> AdminClient::Call(
    const v1::SetServingVersionRequest& request) {
  return connection_->Run<v1::SetServingVersionRequest, v1::SetServingVersionResponse>(
      &v1::ModelAdmin::StubInterface::SetServingVersion, request);
}

absl::StatusOr<v1::SetDefaultResponse> AdminClient::Call(const v1::SetDefaultRequest& request) {
  return connection_->Run<v1::SetDefaultRequest, v1::SetDefaultResponse>(
      &v1::ModelAdmin::StubInterface::SetDefault, request);
}

absl::StatusOr<v1::SetAliasResponse> AdminClient::Call(const v1::SetAliasRequest& request) {
  return connection_->Run<v1::SetAliasRequest, v1::SetAliasResponse>(
      &v1::ModelAdmin::StubInterface::SetAlias, request);
}

absl::StatusOr<v1::RemoveAliasResponse> AdminClient::Call(const v1::RemoveAliasRequest& request) {
  return connection_->Run<v1::RemoveAliasRequest, v1::RemoveAliasResponse>(
      &v1::ModelAdmin::StubInterface::RemoveAlias, request);
}

absl::StatusOr<v1::RollbackResponse> AdminClient::Call(const v1::RollbackRequest& request) {
  return connection_->Run<v1::RollbackRequest, v1::RollbackResponse>(
      &v1::ModelAdmin::StubInterface::Rollback, request);
}

absl::StatusOr<v1::StartShadowResponse> AdminClient::Call(const v1::StartShadowRequest& request) {
  return connection_->Run<v1::StartShadowRequest, v1::StartShadowResponse>(
      &v1::ModelAdmin::StubInterface::StartShadow, request);
}

absl::StatusOr<v1::GetShadowResponse> AdminClient::Call(const v1::GetShadowRequest& request) {
  return connection_->Run<v1::GetShadowRequest, v1::GetShadowResponse>(
      &v1::ModelAdmin::StubInterface::GetShadow, request);
}

absl::StatusOr<v1::StopShadowResponse> AdminClient::Call(const v1::StopShadowRequest& request) {
  return connection_->Run<v1::StopShadowRequest, v1::StopShadowResponse>(
      &v1::ModelAdmin::StubInterface::StopShadow, request);
}

absl::StatusOr<v1::PromoteShadowResponse> AdminClient::Call(
    const v1::PromoteShadowRequest& request) {
  return connection_->Run<v1::PromoteShadowRequest, v1::PromoteShadowResponse>(
      &v1::ModelAdmin::StubInterface::PromoteShadow, request);
}

absl::StatusOr<v1::GetStatusResponse> AdminClient::Call(const v1::GetStatusRequest& request) {
  return connection_->Run<v1::GetStatusRequest, v1::GetStatusResponse>(
      &v1::ModelAdmin::StubInterface::GetStatus, request);
}

}  // namespace lingula
