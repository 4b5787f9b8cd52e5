// Certificates and keys that are checked before anybody is shown them.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "model/base/mutex.h"

namespace lingula {

// PEM texts that fit together.
struct CertificateSet {
  std::string chain, key;                           // of the server, leaf first
  std::string client_ca;                            // empty: clients are asked for nothing
  std::chrono::system_clock::time_point not_after;  // the first day on which one of the chain ends
};

// Errors   INVALID_ARGUMENT that names what is wrong: no PEM (half a file, perhaps), a key that is
//          not the certificate's, out of date at `now`.
absl::StatusOr<CertificateSet> CheckCertificates(std::string chain, std::string key,
                                                 std::string client_ca,
                                                 std::chrono::system_clock::time_point now);

// What new connections get. Thread-safe.
class ServingCertificates {
 public:
  void Replace(CertificateSet set) ABSL_LOCKS_EXCLUDED(mu_) {
    auto shared = std::make_shared<const CertificateSet>(std::move(set));
    MutexLock lock(mu_);
    set_ = std::move(shared);
  }
  // Null before the first Replace. Another pointer is another set.
  std::shared_ptr<const CertificateSet> Get() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return set_;
  }

 private:
  mutable Mutex mu_;
  std::shared_ptr<const CertificateSet> set_ ABSL_GUARDED_BY(mu_);  // shared: replaced while used
};

}  // namespace lingula
