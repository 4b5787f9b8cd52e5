// Certificates and callers, followed while the server runs.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "model/base/mutex.h"
#include "server/security/certificates.h"
#include "server/security/followed_files.h"
#include "server/security/gate.h"

namespace lingula {

// Paths; empty: there is no such file.
struct CredentialPaths {
  std::string certificate, key, client_ca;
  std::string callers;

  bool tls() const { return !certificate.empty(); }
};

// Reads all at the start, then on a thread of its own every `every`, and hands what is good to
// `certificates` and `gate`. Borrows both.
class CredentialFiles {
 public:
  // `kind`: "certificate" or "callers"; any thread.
  using Report = std::function<void(const char* kind, const absl::Status& status)>;

  // Errors   those of ReadFile, CheckCertificates and Callers::Parse.
  static absl::StatusOr<std::unique_ptr<CredentialFiles>> Open(const CredentialPaths& paths,
                                                               std::chrono::milliseconds every,
                                                               ServingCertificates& certificates,
                                                               Gate& gate, const Report& report);
  // What Open would say.
  static absl::Status Check(const CredentialPaths& paths);
  ~CredentialFiles();

 private:
  explicit CredentialFiles(std::chrono::milliseconds every) : every_(every) {}
  void Follow() ABSL_LOCKS_EXCLUDED(mu_);

  const std::chrono::milliseconds every_;
  std::vector<FollowedFiles> files_;  // of the thread, once it runs
  Mutex mu_;
  CondVar stopped_;
  bool stop_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace lingula
