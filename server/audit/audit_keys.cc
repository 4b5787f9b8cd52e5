#include "server/audit/audit_keys.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

constexpr size_t kFewestBytes = 32;
constexpr int64_t kMostBytes = 1 << 16;

std::string Hex(const unsigned char* digest, unsigned length) {
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest), length});
}

}  // namespace

std::string HmacHex(absl::string_view key, absl::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest, &length);
  return Hex(digest, length);
}

std::string HashHex(absl::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &length, EVP_sha256(), nullptr);
  return Hex(digest, length);
}

absl::StatusOr<AuditKeys> AuditKeysFrom(absl::string_view secret) {
  secret = absl::StripTrailingAsciiWhitespace(secret);
  if (secret.size() < kFewestBytes) {
    return absl::InvalidArgumentError(absl::StrCat("holds ", secret.size(),
                                                   " bytes, must hold at least ", kFewestBytes,
                                                   " random ones: openssl rand -hex 32"));
  }
  return AuditKeys{HmacHex(secret, "lingula audit chain"),
                   HmacHex(secret, "lingula audit identity")};
}

absl::StatusOr<AuditKeys> ReadAuditKeys(const std::string& path) {
  LINGULA_ASSIGN_OR_RETURN(const std::string secret, ReadFile(path, kMostBytes));
  absl::StatusOr<AuditKeys> keys = AuditKeysFrom(secret);
  if (!keys.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", keys.status().message()));
  }
  return keys;
}

}  // namespace lingula
