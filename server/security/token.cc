#include "server/security/token.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "model/bundle/bundle.h"

namespace lingula {
namespace {

constexpr int kTokenBytes = 32;
// So that scanners for leaked secrets know what they found.
constexpr char kPrefix[] = "lingula_";

}  // namespace

absl::StatusOr<std::string> MakeToken() {
  unsigned char bytes[kTokenBytes];
  if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
    return absl::InternalError("the system has no random numbers: no token was made");
  }
  const absl::string_view text(reinterpret_cast<const char*>(bytes), sizeof(bytes));
  return absl::StrCat(kPrefix, absl::WebSafeBase64Escape(text));
}

std::string TokenHash(absl::string_view token) {
  return Sha256Hex(token);
}

bool EqualInConstantTime(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace lingula
