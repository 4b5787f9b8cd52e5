// gRPC's TLS with certificates that may change at any time.
#pragma once

#include <memory>

#include <grpcpp/security/server_credentials.h>

#include "server/security/certificates.h"

namespace lingula {

// Each handshake uses what `certificates`, which outlives the result, holds then. TLS 1.2 or later.
std::shared_ptr<grpc::ServerCredentials> TlsCredentials(const ServingCertificates& certificates,
                                                        bool client_certificate_required);

}  // namespace lingula
