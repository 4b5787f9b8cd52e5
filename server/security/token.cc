#include "server/security/token.h"

#include <openssl/rand.h>

#include <cstdint>
#include <cstring>

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
  if (a.size() != b.size()) {
    return false;
  }
  // In words: CRYPTO_memcmp goes byte by byte, and a thousand hashes would cost a call 40 us.
  uint64_t differences = 0;
  size_t at = 0;
  for (; at + sizeof(uint64_t) <= a.size(); at += sizeof(uint64_t)) {
    uint64_t ours = 0, theirs = 0;
    std::memcpy(&ours, a.data() + at, sizeof(ours));
    std::memcpy(&theirs, b.data() + at, sizeof(theirs));
    differences |= ours ^ theirs;
  }
  for (; at < a.size(); ++at) {
    differences |= static_cast<uint64_t>(a[at] ^ b[at]);
  }
  return differences == 0;
}

}  // namespace lingula
