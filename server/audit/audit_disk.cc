#include "server/audit/audit_disk.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

// Only its owner reads an audit log.
constexpr mode_t kMode = 0600;

absl::Status ErrnoStatus(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno)));
}

// An open file, or -1.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  void Take(Descriptor& other) {
    Close();
    std::swap(fd_, other.fd_);
  }

 private:
  void Close() {
    if (fd_ >= 0) {
      close(fd_);
    }
    fd_ = -1;
  }
  int fd_;
};

absl::Status WriteAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return ErrnoStatus("cannot write");
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

class AuditFolder final : public AuditDisk {
 public:
  explicit AuditFolder(std::string folder) : folder_(std::move(folder)) {}

  // Held until the process ends, however it does.
  absl::Status Lock() {
    Descriptor lock(open((folder_ + "/lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, kMode));
    if (lock.get() < 0) {
      return ErrnoStatus(absl::StrCat(folder_, ": cannot be written"));
    }
    if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
      return absl::FailedPreconditionError(
          absl::StrCat(folder_, ": another server writes its audit log there"));
    }
    lock_.Take(lock);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::string>> List() const override {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
      if (AuditFileNumber(entry.path().filename().string()) > 0) {
        names.push_back(entry.path().filename().string());
      }
    }
    if (error) {
      return absl::UnavailableError(absl::StrCat(folder_, ": ", error.message()));
    }
    std::sort(names.begin(), names.end(), [](const std::string& one, const std::string& other) {
      return AuditFileNumber(one) < AuditFileNumber(other);
    });
    return names;
  }

  absl::StatusOr<std::string> Read(const std::string& name) const override {
    return ReadFile(absl::StrCat(folder_, "/", name));
  }

  absl::Status Begin(const std::string& name, absl::string_view head) override {
    const std::string path = absl::StrCat(folder_, "/", name), partial = path + ".new";
    Descriptor file(open(partial.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, kMode));
    if (file.get() < 0) {
      return ErrnoStatus(absl::StrCat("cannot create ", name));
    }
    LINGULA_RETURN_IF_ERROR(WriteAll(file.get(), head));
    if (fsync(file.get()) != 0 || rename(partial.c_str(), path.c_str()) != 0) {
      return ErrnoStatus(absl::StrCat("cannot create ", name));
    }
    file_.Take(file);
    size_ = static_cast<off_t>(head.size());
    torn_ = false;
    const Descriptor folder(open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    fsync(folder.get());  // the name; where that cannot be had, the content still can
    return absl::OkStatus();
  }

  absl::Status Append(absl::string_view lines) override {
    struct stat now {};
    if (fstat(file_.get(), &now) == 0 && now.st_nlink == 0) {
      return absl::NotFoundError("the file was taken away");
    }
    LINGULA_RETURN_IF_ERROR(CutOff());
    const absl::Status status = WriteAll(file_.get(), lines);
    if (!status.ok()) {
      torn_ = true;
      static_cast<void>(CutOff());  // else tried again before the next line
      return status;
    }
    size_ += static_cast<off_t>(lines.size());
    return absl::OkStatus();
  }

  absl::Status Sync() override {
    return fdatasync(file_.get()) == 0 ? absl::OkStatus() : ErrnoStatus("cannot sync");
  }

 private:
  // Takes back what an Append left that failed half-way.
  absl::Status CutOff() {
    if (torn_ && (ftruncate(file_.get(), size_) != 0 || lseek(file_.get(), size_, SEEK_SET) < 0)) {
      return ErrnoStatus("cannot take back half a line");
    }
    torn_ = false;
    return absl::OkStatus();
  }

  const std::string folder_;
  Descriptor lock_, file_;
  off_t size_ = 0;
  bool torn_ = false;
};

}  // namespace

std::string AuditFileName(int64_t number) {
  return absl::StrFormat("audit-%06d.jsonl", number);
}

int64_t AuditFileNumber(absl::string_view name) {
  int64_t number = 0;
  if (!absl::ConsumePrefix(&name, "audit-") || !absl::ConsumeSuffix(&name, ".jsonl") ||
      name.size() < 6 || !std::all_of(name.begin(), name.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(name, &number)) {
    return 0;
  }
  return number;
}

absl::Status CheckAuditFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::path there = std::filesystem::absolute(folder, error);
  while (!std::filesystem::exists(there, error) && there.has_relative_path()) {
    there = there.parent_path();  // what would be made lies in this one
  }
  if (!std::filesystem::is_directory(there, error)) {
    return absl::UnavailableError(absl::StrCat(there.string(), ": no folder"));
  }
  if (access(there.c_str(), W_OK | X_OK) != 0) {
    return absl::UnavailableError(absl::StrCat(there.string(), ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<AuditDisk>> OpenAuditFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat(folder, ": ", error.message()));
  }
  // A limit on the size of files is then an error like a full disk, and not the end of the process.
  std::signal(SIGXFSZ, SIG_IGN);
  auto disk = std::make_unique<AuditFolder>(folder);
  LINGULA_RETURN_IF_ERROR(disk->Lock());
  return std::unique_ptr<AuditDisk>(std::move(disk));
}

}  // namespace lingula
