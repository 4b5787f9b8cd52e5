#include "client/server_arguments.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"

namespace lingula::cli {
namespace {

constexpr int kLongestDeadline_ms = 3600 * 1000;

}  // namespace

void AddServer(CLI::App& verb, ServerOptions& into) {
  verb.add_option("--server", into.target, "Server, HOST:PORT")->capture_default_str();
  verb.add_option_function<int>(
          "--deadline-ms", [&into](int ms) { into.deadline = std::chrono::milliseconds(ms); },
          "Longest time for one answer")
      ->check(CLI::Range(1, kLongestDeadline_ms))
      ->default_str(absl::StrCat(into.deadline.count()));
  AddSecurity(verb, into.security);
}

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

ClientOptions ClientOptionsFrom(const ServerOptions& server) {
  ClientOptions options;
  options.target = server.target;
  options.security = server.security;
  options.deadline = server.deadline;
  options.connect_timeout = std::min(options.connect_timeout, server.deadline);
  return options;
}

}  // namespace lingula::cli
