#include "server/security/certificates.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

using std::chrono::system_clock;

template <auto free>
struct Free {
  template <typename T>
  void operator()(T* thing) const {
    free(thing);
  }
};
using BioPtr = std::unique_ptr<BIO, Free<BIO_free>>;
using X509Ptr = std::unique_ptr<X509, Free<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

BioPtr Reader(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// All of them. gRPC would stop at the first that it cannot read, and serve what came before.
absl::StatusOr<std::vector<X509Ptr>> ReadChain(const std::string& pem, absl::string_view what) {
  std::vector<X509Ptr> chain;
  const BioPtr reader = Reader(pem);
  while (X509* one = PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr)) {
    chain.emplace_back(one);
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (chain.empty() || !at_end) {
    return absl::InvalidArgumentError(absl::StrCat(what, ": not whole PEM certificates",
                                                   chain.empty() ? "" : " behind the first"));
  }
  return chain;
}

// An encrypted one is refused: nobody could type its password.
absl::StatusOr<KeyPtr> ReadKey(const std::string& pem) {
  const auto no_password = [](char*, int, int, void*) { return -1; };
  const BioPtr reader = Reader(pem);
  KeyPtr key(PEM_read_bio_PrivateKey(reader.get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  if (key == nullptr) {
    return absl::InvalidArgumentError("key_file: not a whole PEM private key without password");
  }
  return key;
}

absl::StatusOr<system_clock::time_point> TimeOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    return absl::InvalidArgumentError("certificate_file: a date that cannot be read");
  }
  return system_clock::from_time_t(timegm(&parts));
}

std::string DayOf(system_clock::time_point time) {
  const std::time_t seconds = system_clock::to_time_t(time);
  std::tm parts{};
  char text[32];
  return std::string(
      text, std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &parts)));
}

absl::StatusOr<system_clock::time_point> EndOf(const std::vector<X509Ptr>& chain,
                                               system_clock::time_point now) {
  auto end = system_clock::time_point::max();
  for (const X509Ptr& one : chain) {
    LINGULA_ASSIGN_OR_RETURN(const auto from, TimeOf(X509_get0_notBefore(one.get())));
    LINGULA_ASSIGN_OR_RETURN(const auto until, TimeOf(X509_get0_notAfter(one.get())));
    if (now < from || now > until) {
      return absl::InvalidArgumentError(absl::StrCat("certificate_file: good from ", DayOf(from),
                                                     " to ", DayOf(until), ", and now it is ",
                                                     DayOf(now)));
    }
    end = std::min(end, until);
  }
  return end;
}

}  // namespace

absl::StatusOr<CertificateSet> CheckCertificates(std::string chain, std::string key,
                                                 std::string client_ca,
                                                 system_clock::time_point now) {
  LINGULA_ASSIGN_OR_RETURN(const auto certificates, ReadChain(chain, "certificate_file"));
  LINGULA_ASSIGN_OR_RETURN(const KeyPtr private_key, ReadKey(key));
  const bool fits = X509_check_private_key(certificates.front().get(), private_key.get()) == 1;
  ERR_clear_error();
  if (!fits) {
    return absl::InvalidArgumentError(
        "key_file: is not the key of the first certificate in certificate_file");
  }
  if (!client_ca.empty()) {
    LINGULA_RETURN_IF_ERROR(ReadChain(client_ca, "client_ca_file").status());
  }
  LINGULA_ASSIGN_OR_RETURN(const auto not_after, EndOf(certificates, now));
  return CertificateSet{std::move(chain), std::move(key), std::move(client_ca), not_after};
}

}  // namespace lingula
