#include "client/server_arguments.h"

#include <CLI/CLI.hpp>

namespace lingula::cli {

void AddSecurity(CLI::App& verb, ChannelSecurity& into) {
  verb.add_flag("--tls", into.tls, "Encrypt; trust public authorities unless --ca is given");
  verb.add_option("--ca", into.ca_file, "Encrypt and trust these authorities, PEM")
      ->type_name("FILE");
  verb.add_option("--cert", into.certificate_file, "Encrypt and show this certificate, PEM")
      ->type_name("FILE");
  verb.add_option("--key", into.key_file, "Private key of --cert, PEM")->type_name("FILE");
  verb.add_option("--token-file", into.token_file,
                  "Show this token; without encryption only to this machine")
      ->type_name("FILE");
  verb.add_option("--authority", into.authority,
                  "Name in the server's certificate, where it is not that of --server")
      ->type_name("NAME");
}

}  // namespace lingula::cli
