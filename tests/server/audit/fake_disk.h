// Files of an audit log in memory, on a disk that can be full or taken away.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/base/mutex.h"
#include "server/audit/audit_disk.h"
#include "server/audit/audit_writer.h"
#include "server/audit/verify.h"

namespace lingula::test {

struct AuditFile {
  std::string name, content;
};

// The verdict on files in memory.
inline AuditVerdict VerifyFiles(const std::vector<AuditFile>& files,
                                const std::optional<AuditKeys>& keys,
                                const std::vector<AuditAnchor>& anchors = {}) {
  std::vector<std::string> names;  // unique, whatever the files are called
  for (size_t i = 0; i < files.size(); ++i) {
    names.push_back(absl::StrCat(i, "/", files[i].name));
  }
  return *VerifyAuditLog(
      names,
      [&files](const std::string& name) -> absl::StatusOr<std::string> {
        return files[std::stoul(name)].content;
      },
      keys, anchors);
}

// What a test steers and sees; outlives the disks. Thread-safe.
class FakeFiles {
 public:
  void SetFull(bool full) { SetRoom(full ? 0 : kEnough); }
  // It is full after so many more calls.
  void SetRoom(int calls) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    room_ = calls;
  }
  // Append waits from now on, until Release().
  void Hold() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    held_ = true;
  }
  void Release() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    held_ = false;
    changed_.NotifyAll();
  }
  void WaitUntilHeld() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (!waits_) {
      changed_.Wait(mu_);
    }
  }
  // The file that grows is deleted.
  void TakeAway() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    files_.erase(grows_);
  }
  // What a killed writer leaves of its last line.
  void Tear(absl::string_view half) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    files_[grows_] += std::string(half);
  }
  std::vector<AuditFile> files() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    std::vector<AuditFile> all;
    for (const auto& [name, content] : files_) {
      all.push_back({name, content});
    }
    return all;
  }
  std::string text() const {
    std::string all;
    for (const AuditFile& file : files()) {
      all += file.content;
    }
    return all;
  }
  int syncs() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return syncs_;
  }

 private:
  friend class FakeDisk;
  static constexpr int kEnough = 1 << 30;

  mutable Mutex mu_;
  std::map<std::string, std::string> files_ ABSL_GUARDED_BY(mu_);
  std::string grows_ ABSL_GUARDED_BY(mu_);
  CondVar changed_;
  int room_ ABSL_GUARDED_BY(mu_) = kEnough;
  bool held_ ABSL_GUARDED_BY(mu_) = false;
  bool waits_ ABSL_GUARDED_BY(mu_) = false;
  int syncs_ ABSL_GUARDED_BY(mu_) = 0;
};

class FakeDisk final : public AuditDisk {
 public:
  explicit FakeDisk(FakeFiles& files) : files_(files) {}

  absl::StatusOr<std::vector<std::string>> List() const override {
    MutexLock lock(files_.mu_);
    std::vector<std::string> names;
    for (const auto& [name, content] : files_.files_) {
      names.push_back(name);
    }
    return names;
  }
  absl::StatusOr<std::string> Read(const std::string& name) const override {
    MutexLock lock(files_.mu_);
    return files_.files_.at(name);
  }
  absl::Status Begin(const std::string& name, absl::string_view head) override {
    MutexLock lock(files_.mu_);
    if (files_.room_-- <= 0) {
      return absl::UnavailableError("fake disk is full");
    }
    files_.grows_ = name;
    files_.files_[name] = std::string(head);
    return absl::OkStatus();
  }
  absl::Status Append(absl::string_view lines) override {
    MutexLock lock(files_.mu_);
    while (files_.held_) {
      files_.waits_ = true;
      files_.changed_.NotifyAll();
      files_.changed_.Wait(files_.mu_);
    }
    if (files_.files_.count(files_.grows_) == 0) {
      return absl::NotFoundError("fake file is gone");
    }
    if (files_.room_-- <= 0) {
      return absl::UnavailableError("fake disk is full");
    }
    files_.files_[files_.grows_] += std::string(lines);
    return absl::OkStatus();
  }
  absl::Status Sync() override {
    MutexLock lock(files_.mu_);
    ++files_.syncs_;
    return absl::OkStatus();
  }

 private:
  FakeFiles& files_;
};

inline AuditKeys FakeKeys(absl::string_view secret = "0123456789abcdef0123456789abcdef") {
  return *AuditKeysFrom(secret);
}

inline AuditEvent FakeEvent(const std::string& request_id = "request-1") {
  AuditEvent event;
  event.time = absl::UnixEpoch() + absl::Microseconds(1'800'000'000'000'123);
  event.method = "Segment";
  event.caller = "CN=pacs, O=\"St. Mary\"";
  event.request_id = request_id;
  event.model = "xray@1";
  event.weights = std::string(64, 'a');
  event.guidance = "generated_report";
  event.flags = {"EMPTY_MASK", "LOSSY_INPUT"};
  event.code = "OK";
  event.latency_us = 1234;
  return event;
}

// Time that stands still until it is moved.
struct FakeTime {
  absl::Time now = absl::UnixEpoch() + absl::Hours(500'000);
  AuditWriter::Options Options() {
    AuditWriter::Options options;
    options.keys = FakeKeys();
    options.now = [this] { return now; };
    return options;
  }
};

}  // namespace lingula::test
