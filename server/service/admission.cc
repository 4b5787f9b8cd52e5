#include "server/service/admission.h"

#include <string>
#include <utility>

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/support/server_callback.h>

#include "absl/strings/str_cat.h"
#include "server/service/caller.h"
#include "server/service/errors.h"

namespace lingula {
namespace {

// gRPC's names of what a certificate says, the most telling first.
constexpr std::pair<const char*, const char*> kSubjects[] = {
    {GRPC_PEER_URI_PROPERTY_NAME, "URI:"},
    {GRPC_PEER_DNS_PROPERTY_NAME, "DNS:"},
    {GRPC_PEER_IP_PROPERTY_NAME, "IP:"},
    {GRPC_PEER_EMAIL_PROPERTY_NAME, "EMAIL:"},
    {GRPC_X509_CN_PROPERTY_NAME, "CN:"}};

std::vector<std::string> SubjectsOf(const grpc::CallbackServerContext& context) {
  std::vector<std::string> subjects;
  const std::shared_ptr<const grpc::AuthContext> peer = context.auth_context();
  if (peer == nullptr || !peer->IsPeerAuthenticated()) {
    return subjects;
  }
  for (const auto& [property, kind] : kSubjects) {
    for (const grpc::string_ref& value : peer->FindPropertyValues(property)) {
      subjects.push_back(absl::StrCat(kind, absl::string_view(value.data(), value.size())));
    }
  }
  return subjects;
}

}  // namespace

absl::StatusOr<Pass> Admit(Gate& gate, Role role, Claim claim,
                           grpc::CallbackServerContext& context) {
  Credentials credentials;
  credentials.host = HostOf(context.peer());
  const auto& metadata = context.client_metadata();
  const auto sent = metadata.find("authorization");
  if (sent != metadata.end()) {
    credentials.authorization = absl::string_view(sent->second.data(), sent->second.size());
  } else {
    credentials.subjects = SubjectsOf(context);
  }
  auto admitted = gate.Admit(credentials, role, claim);
  if (Pass* pass = std::get_if<Pass>(&admitted)) {
    return std::move(*pass);
  }
  const Refused& refused = std::get<Refused>(admitted);
  if (!absl::IsResourceExhausted(refused.status)) {
    return refused.status;
  }
  absl::Status status = WithRetry(refused.status, refused.retry);
  AddPushback(status, context);
  return status;
}

grpc::ServerUnaryReactor* RefuseUnless(Gate& gate, Role role,
                                       grpc::CallbackServerContext& context) {
  const absl::StatusOr<Pass> pass = Admit(gate, role, Claim::kNothing, context);
  if (pass.ok()) {
    return nullptr;
  }
  grpc::ServerUnaryReactor* const reactor = context.DefaultReactor();
  reactor->Finish(ToGrpcStatus(pass.status()));
  return reactor;
}

}  // namespace lingula
