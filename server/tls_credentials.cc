#include "server/tls_credentials.h"

#include <string>

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

namespace lingula {
namespace {

grpc_ssl_client_certificate_request_type RequestType(bool has_client_ca, bool required) {
  if (!has_client_ca) {
    return GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
  }
  return required ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                  : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
}

// gRPC's C++ interface has fixed certificates, and a watcher that hands out unchecked ones
// (docs/adr/0016-security.md); its C interface asks us before each handshake.
class AskingCredentials final : public grpc::ServerCredentials {
 public:
  AskingCredentials(const ServingCertificates& certificates, bool client_certificate_required)
      : certificates_(certificates) {
    const bool has_client_ca = !certificates.Get()->client_ca.empty();
    credentials_ = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(
            RequestType(has_client_ca, client_certificate_required), &Fetch, this));
  }
  ~AskingCredentials() override { grpc_server_credentials_release(credentials_); }

  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>& /*processor*/) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  // gRPC holds a lock while it calls this.
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    auto& credentials = *static_cast<AskingCredentials*>(self);
    auto set = credentials.certificates_.Get();
    if (set == credentials.given_) {
      return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    }
    const grpc_ssl_pem_key_cert_pair pair = {set->key.c_str(), set->chain.c_str()};
    // gRPC insists on authorities even where it asks no client for a certificate, and then ignores
    // them.
    const std::string& authorities = set->client_ca.empty() ? set->chain : set->client_ca;
    *config = grpc_ssl_server_certificate_config_create(authorities.c_str(), &pair, 1);
    credentials.given_ = std::move(set);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const ServingCertificates& certificates_;
  std::shared_ptr<const CertificateSet> given_;
  grpc_server_credentials* credentials_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> TlsCredentials(const ServingCertificates& certificates,
                                                        bool client_certificate_required) {
  return std::make_shared<AskingCredentials>(certificates, client_certificate_required);
}

}  // namespace lingula
