#include "server/security/credential_files.h"

#include <utility>

#include "model/base/status_macros.h"

namespace lingula {
namespace {

FollowedFiles CertificateFiles(const CredentialPaths& paths, ServingCertificates& certificates,
                               const CredentialFiles::Report& report) {
  std::vector<std::string> files = {paths.certificate, paths.key};
  if (!paths.client_ca.empty()) {
    files.push_back(paths.client_ca);
  }
  const auto take = [&certificates](std::vector<std::string> contents) -> absl::Status {
    LINGULA_ASSIGN_OR_RETURN(
        CertificateSet set,
        CheckCertificates(std::move(contents[0]), std::move(contents[1]),
                          contents.size() > 2 ? std::move(contents[2]) : std::string(),
                          std::chrono::system_clock::now()));
    certificates.Replace(std::move(set));
    return absl::OkStatus();
  };
  return FollowedFiles(std::move(files), take,
                       [report](const absl::Status& status) { report("certificate", status); });
}

FollowedFiles CallersFile(const std::string& path, Gate& gate,
                          const CredentialFiles::Report& report) {
  const auto take = [&gate, path](std::vector<std::string> contents) -> absl::Status {
    LINGULA_ASSIGN_OR_RETURN(Callers callers, Callers::Parse(contents[0], path));
    gate.Replace(std::make_shared<const Callers>(std::move(callers)));
    return absl::OkStatus();
  };
  return FollowedFiles({path}, take,
                       [report](const absl::Status& status) { report("callers", status); });
}

}  // namespace

absl::StatusOr<std::unique_ptr<CredentialFiles>> CredentialFiles::Open(
    const CredentialPaths& paths, std::chrono::milliseconds every,
    ServingCertificates& certificates, Gate& gate, const Report& report) {
  std::unique_ptr<CredentialFiles> all(new CredentialFiles(every));
  if (paths.tls()) {
    all->files_.push_back(CertificateFiles(paths, certificates, report));
  }
  if (!paths.callers.empty()) {
    all->files_.push_back(CallersFile(paths.callers, gate, report));
  }
  for (FollowedFiles& files : all->files_) {
    LINGULA_RETURN_IF_ERROR(files.Look());
  }
  if (!all->files_.empty()) {
    all->thread_ = std::thread([raw = all.get()] { raw->Follow(); });
  }
  return all;
}

absl::Status CredentialFiles::Check(const CredentialPaths& paths) {
  ServingCertificates certificates;
  Gate gate(Gate::Options(), Clock::Real(), [](Refusal) {});
  return Open(paths, std::chrono::hours(1), certificates, gate,
              [](const char* /*kind*/, const absl::Status& /*status*/) {})
      .status();
}

CredentialFiles::~CredentialFiles() {
  {
    MutexLock lock(mu_);
    stop_ = true;
  }
  stopped_.NotifyAll();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void CredentialFiles::Follow() {
  while (true) {
    {
      MutexLock lock(mu_);
      if (!stop_) {
        stopped_.WaitFor(mu_, every_);  // woken for no reason: one look too many
      }
      if (stop_) {
        return;
      }
    }
    for (FollowedFiles& files : files_) {
      files.Look().IgnoreError();  // reported
    }
  }
}

}  // namespace lingula
