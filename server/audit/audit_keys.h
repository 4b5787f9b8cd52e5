// Keys of the audit log (docs/adr/0017-audit.md).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula {

// HMAC-SHA-256 in lowercase hexadecimal.
std::string HmacHex(absl::string_view key, absl::string_view bytes);
// SHA-256 in lowercase hexadecimal.
std::string HashHex(absl::string_view bytes);

// What is derived from the secret of a key file. Never log one.
struct AuditKeys {
  std::string chain;     // seals lines
  std::string identity;  // hides request ids and UIDs

  // Names the key without giving it away.
  std::string Fingerprint() const { return HmacHex(chain, "fingerprint").substr(0, 16); }
};

// Errors   INVALID_ARGUMENT fewer than 32 bytes, white space at the end not counted.
absl::StatusOr<AuditKeys> AuditKeysFrom(absl::string_view secret);
// The same of a file, which the message names.
absl::StatusOr<AuditKeys> ReadAuditKeys(const std::string& path);

}  // namespace lingula
