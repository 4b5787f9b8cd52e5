#include "client/channel.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/client_interceptor.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

using grpc::experimental::ClientInterceptorFactoryInterface;
using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;

constexpr int64_t kLongestToken_bytes = 4096;

absl::StatusOr<std::string> ReadToken(const std::string& path) {
  LINGULA_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kLongestToken_bytes));
  std::string token(absl::StripAsciiWhitespace(text));
  if (token.empty() || !std::all_of(token.begin(), token.end(), absl::ascii_isgraph)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": must hold one token and nothing else"));
  }
  return token;
}

// Adds the token to each call. gRPC's own call credentials refuse connections without TLS, and so
// cannot serve those to this machine.
class TokenBearer final : public Interceptor {
 public:
  explicit TokenBearer(const std::string& path) : path_(path) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      const absl::StatusOr<std::string> token = ReadToken(path_);
      if (token.ok()) {  // else the server says that there is none
        methods->GetSendInitialMetadata()->emplace("authorization",
                                                   absl::StrCat("Bearer ", *token));
      }
    }
    methods->Proceed();
  }

 private:
  const std::string& path_;
};

class TokenBearers final : public ClientInterceptorFactoryInterface {
 public:
  explicit TokenBearers(std::string path) : path_(std::move(path)) {}
  Interceptor* CreateClientInterceptor(grpc::experimental::ClientRpcInfo* /*info*/) override {
    return new TokenBearer(path_);  // gRPC deletes it
  }

 private:
  const std::string path_;
};

absl::StatusOr<std::string> ReadIfGiven(const std::string& path) {
  return path.empty() ? std::string() : ReadFile(path);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsFrom(
    const ChannelSecurity& security) {
  if (!security.UsesTls()) {
    return grpc::InsecureChannelCredentials();
  }
  if (security.certificate_file.empty() != security.key_file.empty()) {
    return absl::InvalidArgumentError("a client certificate and its key must be given together");
  }
  grpc::SslCredentialsOptions options;
  LINGULA_ASSIGN_OR_RETURN(options.pem_root_certs, ReadIfGiven(security.ca_file));
  LINGULA_ASSIGN_OR_RETURN(options.pem_cert_chain, ReadIfGiven(security.certificate_file));
  LINGULA_ASSIGN_OR_RETURN(options.pem_private_key, ReadIfGiven(security.key_file));
  return grpc::SslCredentials(options);
}

}  // namespace

bool IsLoopback(const std::string& target) {
  if (absl::StartsWith(target, "unix:")) {
    return true;
  }
  absl::string_view host = absl::string_view(target).substr(0, target.rfind(':'));
  return host == "localhost" || host == "[::1]" ||
         (absl::StartsWith(host, "127.") &&  // an address, not a name that begins like one
          host.find_first_not_of("0123456789.") == absl::string_view::npos);
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const std::string& target,
                                                           const ChannelSecurity& security,
                                                           grpc::ChannelArguments arguments) {
  LINGULA_ASSIGN_OR_RETURN(const auto credentials, CredentialsFrom(security));
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (!security.authority.empty()) {
    arguments.SetSslTargetNameOverride(security.authority);
  }
  std::vector<std::unique_ptr<ClientInterceptorFactoryInterface>> interceptors;
  if (!security.token_file.empty()) {
    if (!security.UsesTls() && !IsLoopback(target)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the token is not sent to ", target,
          " without encryption: whoever is on the way could read it. Use --tls or --ca FILE"));
    }
    LINGULA_RETURN_IF_ERROR(ReadToken(security.token_file).status());
    interceptors.push_back(std::make_unique<TokenBearers>(security.token_file));
  }
  return grpc::experimental::CreateCustomChannelWithInterceptors(target, credentials, arguments,
                                                                 std::move(interceptors));
}

}  // namespace lingula
