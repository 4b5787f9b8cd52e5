#include "model/dicom/dicom_uid.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"

namespace lingula {
namespace {

constexpr size_t kUuidBytes = 16;

// Digits of a number of 16 bytes, the highest first.
std::string Decimal(const unsigned char* bytes) {
  unsigned __int128 number = 0;
  for (size_t i = 0; i < kUuidBytes; ++i) {
    number = number << 8 | bytes[i];
  }
  std::string digits;
  for (; number > 0; number /= 10) {
    digits.push_back(static_cast<char>('0' + static_cast<int>(number % 10)));
  }
  std::reverse(digits.begin(), digits.end());
  return digits;
}

}  // namespace

std::string DerivedUid(const std::vector<absl::string_view>& facts) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  for (const absl::string_view fact : facts) {
    const std::string length = absl::StrCat(fact.size(), ":");
    EVP_DigestUpdate(context.get(), length.data(), length.size());
    EVP_DigestUpdate(context.get(), fact.data(), fact.size());
  }
  unsigned char digest[EVP_MAX_MD_SIZE] = {};
  EVP_DigestFinal_ex(context.get(), digest, nullptr);
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0F) | 0x80);  // version 8
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3F) | 0x80);  // the variant of RFC 9562
  return absl::StrCat("2.25.", Decimal(digest));
}

bool IsUid(absl::string_view text) {
  return !text.empty() && text.size() <= 64 && text.front() != '.' && text.back() != '.' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

}  // namespace lingula
