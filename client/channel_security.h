// How a connection is encrypted and who we are on it.
#pragma once

#include <string>

namespace lingula {

// PEM files; empty: none.
struct ChannelSecurity {
  bool tls = false;              // also when one of the next three is given
  std::string ca_file;           // whom to trust; default: gRPC's list of public authorities
  std::string certificate_file;  // our own, with key_file
  std::string key_file;
  // One line, read at each call, so that a new token needs no new connection.
  std::string token_file;
  // The name in the server's certificate, where it is not the host in the target.
  std::string authority;

  bool UsesTls() const {
    return tls || !ca_file.empty() || !certificate_file.empty() || !key_file.empty();
  }
};

}  // namespace lingula
