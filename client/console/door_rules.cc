#include "client/console/door_rules.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace lingula::console {
namespace {

bool IsPort(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// "name:80", "name", "[::1]:80": the name, brackets taken off. Empty when it is none of these.
std::string NameOf(absl::string_view host) {
  const bool bracket = absl::StartsWith(host, "[");
  const size_t end = bracket ? host.find(']') : host.find(':');
  if (bracket && end == absl::string_view::npos) {
    return "";
  }
  const absl::string_view name = bracket ? host.substr(1, end - 1) : host.substr(0, end);
  absl::string_view rest = end == absl::string_view::npos ? "" : host.substr(end + bracket);
  const bool good = rest.empty() || (rest[0] == ':' && IsPort(rest.substr(1)));
  return good ? absl::AsciiStrToLower(name) : "";
}

bool IsAddress(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, name.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, name.c_str(), address.data()) == 1;
}

bool IsOurs(const DoorRules& rules, const std::string& name) {
  return IsAddress(name) || name == "localhost" ||
         std::any_of(rules.names.begin(), rules.names.end(),
                     [&](const std::string& ours) { return absl::EqualsIgnoreCase(ours, name); });
}

}  // namespace

absl::Status CheckCaller(const DoorRules& rules, const Caller& caller) {
  const std::string name = NameOf(caller.host);
  if (!IsOurs(rules, name)) {
    return absl::PermissionDeniedError(
        "the console is not called by this name: open it by its IP address or as localhost, or "
        "start "
        "it with --allow-host NAME");
  }
  if (caller.changes && caller.origin != absl::StrCat("http://", caller.host) &&
      caller.origin != absl::StrCat("https://", caller.host)) {
    return absl::PermissionDeniedError("only the console's own page may send pictures to it");
  }
  return absl::OkStatus();
}

const std::vector<std::pair<std::string, std::string>>& DoorHeaders() {
  static const auto& headers = *new std::vector<std::pair<std::string, std::string>>{
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
       "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Cache-Control", "no-store"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Permissions-Policy", "camera=(), microphone=(), geolocation=()"}};
  return headers;
}

}  // namespace lingula::console
