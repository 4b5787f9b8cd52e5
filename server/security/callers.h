// Who may call: the Callers file of proto/lingula/config/v1/security.proto.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/security/identity.h"

namespace lingula {

namespace config::v1 {
class CallerLimits;
}  // namespace config::v1
class Textproto;

// Somebody whom the file names.
struct KnownCaller {
  std::string name;
  Roles roles;
  std::optional<CallerLimits> limits;  // none: those of everybody
};

// All of them. Immutable.
class Callers {
 public:
  // INVALID_ARGUMENT with every mistake at its line and column.
  static absl::StatusOr<Callers> Parse(absl::string_view text, absl::string_view file);

  // Null when nobody has it. Takes the same time for each wrong token.
  const KnownCaller* FindToken(absl::string_view token) const;
  // The owner of the first of `subjects` ("DNS:host", ...) that somebody owns, else null.
  const KnownCaller* FindCertificate(const std::vector<std::string>& subjects) const;
  size_t size() const { return callers_.size(); }

 private:
  struct Token {
    std::string hash;  // hexadecimal, lower case
    size_t caller;
  };
  std::vector<KnownCaller> callers_;
  std::vector<Token> tokens_;
  std::map<std::string, size_t> certificates_;
};

// Checks `proto`, which stands at `field`.
CallerLimits LimitsFrom(const config::v1::CallerLimits& proto, const std::string& field,
                        Textproto& text);
// Of config::v1::Role; nothing, and a problem, for what is none.
std::optional<Role> RoleFrom(int proto, const std::string& field, Textproto& text);

}  // namespace lingula
