#include "tests/support/fake_authority.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <atomic>

namespace lingula::test {
namespace {

template <typename Write>
std::string Pem(const Write& write) {
  BIO* const out = BIO_new(BIO_s_mem());
  write(out);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out, &text);
  std::string pem(text, static_cast<size_t>(size));
  BIO_free(out);
  return pem;
}

void AddExtension(X509& certificate, int nid, const std::string& value) {
  X509_EXTENSION* const extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, nid, const_cast<char*>(value.c_str()));
  X509_add_ext(&certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// `issuer` null: signs itself, as an authority.
X509* Make(const Subject& subject, EVP_PKEY* key, X509* issuer, EVP_PKEY* signer) {
  static std::atomic<long> serial{1};
  X509* const made = X509_new();
  X509_set_version(made, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made), subject.from.count());
  X509_gmtime_adj(X509_getm_notAfter(made), subject.until.count());
  X509_set_pubkey(made, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(subject.common_name.c_str()),
                             -1, -1, 0);
  X509_set_issuer_name(made, X509_get_subject_name(issuer == nullptr ? made : issuer));
  AddExtension(*made, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
  if (!subject.alternative.empty()) {
    AddExtension(*made, NID_subject_alt_name, subject.alternative);
  }
  X509_sign(made, signer, EVP_sha256());
  return made;
}

Issued Texts(X509* certificate, EVP_PKEY* key) {
  return {Pem([&](BIO* out) { PEM_write_bio_X509(out, certificate); }), Pem([&](BIO* out) {
            PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

}  // namespace

struct FakeAuthority::Keys {
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
};

FakeAuthority::FakeAuthority() : keys_(std::make_unique<Keys>()) {
  keys_->key = EVP_EC_gen("P-256");
  keys_->certificate = Make({"Test authority", ""}, keys_->key, nullptr, keys_->key);
  own_ = Texts(keys_->certificate, keys_->key);
}

FakeAuthority::~FakeAuthority() {
  X509_free(keys_->certificate);
  EVP_PKEY_free(keys_->key);
}

Issued FakeAuthority::Issue(const Subject& subject) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const made = Make(subject, key, keys_->certificate, keys_->key);
  Issued issued = Texts(made, key);
  X509_free(made);
  EVP_PKEY_free(key);
  return issued;
}

}  // namespace lingula::test
