#include "client/server_arguments.h"

#include <algorithm>

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
}

ClientOptions ClientOptionsFrom(const ServerOptions& server) {
  ClientOptions options;
  options.target = server.target;
  options.deadline = server.deadline;
  options.connect_timeout = std::min(options.connect_timeout, server.deadline);
  return options;
}

}  // namespace lingula::cli
