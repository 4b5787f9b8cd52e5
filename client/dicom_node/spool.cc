#include "client/dicom_node/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/dicom_node/spool_files.h"
#include "model/base/file.h"
#include "model/base/log.h"
#include "model/base/status_macros.h"

namespace lingula::node {
namespace {

namespace fs = std::filesystem;

constexpr char kPart[] = ".part", kPicture[] = ".in.dcm", kResult[] = ".out.dcm";
constexpr char kRefused[] = "refused", kReason[] = ".txt";

}  // namespace

Spool::Spool(SpoolOptions options, int lock_file)
    : options_(std::move(options)), lock_file_(lock_file) {}

Spool::~Spool() {
  close(lock_file_);
}

absl::StatusOr<std::unique_ptr<Spool>> Spool::Open(const SpoolOptions& options) {
  std::error_code error;
  fs::create_directories(fs::path(options.folder) / kRefused, error);
  if (error) {
    return SpoolFailed("make its folder", error);
  }
  fs::permissions(options.folder, fs::perms::owner_all, error);  // patients' pictures
  const int lock =
      open((fs::path(options.folder) / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) {
    return SpoolFailed("open its lock");
  }
  auto spool = std::unique_ptr<Spool>(new Spool(options, lock));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError("spool: another process has this folder");
  }
  LINGULA_RETURN_IF_ERROR(spool->Scan());
  return spool;
}

absl::Status Spool::Scan() {
  MutexLock lock(mu_);
  std::set<uint64_t> pictures;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(options_.folder, error)) {
    const std::string name = entry.path().filename().string();
    const uint64_t number = NumberOf(name);
    const bool is_picture = absl::EndsWith(name, kPicture);
    if (number == 0) {
      continue;
    }
    next_ = std::max(next_, number + 1);
    if (is_picture || absl::EndsWith(name, kResult)) {
      const Instant since = Clock::Real().Now() - AgeOf(entry.path());
      Item& item = items_.try_emplace(number, Item{since}).first->second;
      item.since = std::min(item.since, since);
      item.bytes += BytesOf(entry.path());
      bytes_ += BytesOf(entry.path());
      if (is_picture) {
        pictures.insert(number);
      }
    } else {  // half a file, of which nobody was told
      fs::remove(entry.path(), error);
    }
  }
  for (auto& [number, item] : items_) {
    item.segmented = pictures.count(number) == 0;
  }
  for (const auto& entry : fs::directory_iterator(fs::path(options_.folder) / kRefused, error)) {
    next_ = std::max(next_, NumberOf(entry.path().filename().string()) + 1);
  }
  return error ? SpoolFailed("read its folder", error) : absl::OkStatus();
}

absl::StatusOr<uint64_t> Spool::Reserve() {
  MutexLock lock(mu_);
  const auto receiving = static_cast<int64_t>(receiving_.size());
  if (static_cast<int64_t>(items_.size()) + receiving >= options_.max_files ||
      bytes_ + (receiving + 1) * options_.max_file_bytes > options_.max_bytes) {
    ++totals_.turned_away;
    return absl::ResourceExhaustedError(absl::StrCat(
        "spool: full: ", items_.size(), " pictures, ", bytes_, " bytes, ", receiving,
        " being received; allowed are ", options_.max_files, " and ", options_.max_bytes));
  }
  receiving_.insert(next_);
  return next_++;
}

std::string Spool::PartOf(uint64_t number) const {
  return absl::StrCat(options_.folder, "/", SpoolName(number), kPart);
}
std::string Spool::PictureOf(uint64_t number) const {
  return absl::StrCat(options_.folder, "/", SpoolName(number), kPicture);
}

absl::Status Spool::SyncFolder() const {
  return SyncPath(options_.folder);
}

// From being received to lasting.
absl::Status Spool::Keep(uint64_t number) {
  const std::string part = PartOf(number), picture = PictureOf(number);
  LINGULA_RETURN_IF_ERROR(SyncPath(part));
  if (rename(part.c_str(), picture.c_str()) != 0) {
    return SpoolFailed("rename a picture");
  }
  const absl::Status synced = SyncFolder();
  if (!synced.ok()) {
    unlink(picture.c_str());
  }
  return synced;
}

absl::Status Spool::Commit(uint64_t number) {
  const int64_t bytes = BytesOf(PartOf(number));
  const absl::Status kept = Keep(number);
  if (!kept.ok()) {
    Abandon(number);
    return kept;
  }
  MutexLock lock(mu_);
  ++totals_.received;
  receiving_.erase(number);
  items_[number] = {Clock::Real().Now(), bytes, false};
  bytes_ += bytes;
  changed_.NotifyAll();
  return absl::OkStatus();
}

void Spool::Abandon(uint64_t number) {
  unlink(PartOf(number).c_str());
  MutexLock lock(mu_);
  ++totals_.turned_away;
  receiving_.erase(number);
  changed_.NotifyAll();
}

std::vector<uint64_t> Spool::Waiting(bool segmented) {
  MutexLock lock(mu_);
  std::vector<uint64_t> numbers;
  for (const auto& [number, item] : items_) {
    if (item.segmented == segmented) {
      numbers.push_back(number);
    }
  }
  return numbers;
}

std::vector<std::string> Spool::ResultsOf(uint64_t number) const {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(options_.folder, error)) {
    const std::string name = entry.path().filename().string();
    if (absl::StartsWith(name, SpoolName(number) + ".") && absl::EndsWith(name, kResult)) {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

absl::Status Spool::AddResult(uint64_t number, int index, absl::string_view content) {
  const std::string path = absl::StrCat(options_.folder, "/", SpoolName(number),
                                        absl::StrFormat(".%06d", index), kResult);
  LINGULA_RETURN_IF_ERROR(WriteFile(path, content));
  return SyncPath(path);
}

absl::Status Spool::Segmented(uint64_t number) {
  LINGULA_RETURN_IF_ERROR(SyncFolder());  // the results before the picture goes
  int64_t bytes = 0;
  for (const std::string& result : ResultsOf(number)) {
    bytes += BytesOf(result);
  }
  if (unlink(PictureOf(number).c_str()) != 0) {
    return SpoolFailed("remove a picture");
  }
  LINGULA_RETURN_IF_ERROR(SyncFolder());
  MutexLock lock(mu_);
  Item& item = items_[number];
  bytes_ += bytes - item.bytes;
  item.bytes = bytes;
  item.segmented = true;
  ++totals_.segmented;
  changed_.NotifyAll();
  return absl::OkStatus();
}

absl::Status Spool::Stored(uint64_t number, const std::string& result) {
  const int64_t bytes = BytesOf(result);
  if (unlink(result.c_str()) != 0) {
    return SpoolFailed("remove a result");
  }
  LINGULA_RETURN_IF_ERROR(SyncFolder());
  const bool was_last = ResultsOf(number).empty();
  MutexLock lock(mu_);
  bytes_ -= bytes;
  items_[number].bytes -= bytes;
  if (was_last) {
    ++totals_.stored;
    items_.erase(number);
    changed_.NotifyAll();
  }
  return absl::OkStatus();
}

absl::Status Spool::Refuse(uint64_t number, absl::string_view reason) {
  const fs::path aside = fs::path(options_.folder) / kRefused;
  LINGULA_RETURN_IF_ERROR(
      WriteFile((aside / (SpoolName(number) + kReason)).string(), absl::StrCat(reason, "\n")));
  std::vector<std::string> files = ResultsOf(number);
  files.push_back(PictureOf(number));
  for (const std::string& file : files) {
    const std::string to = (aside / fs::path(file).filename()).string();
    if (rename(file.c_str(), to.c_str()) != 0 && errno != ENOENT) {
      return SpoolFailed("put a file aside");
    }
  }
  LINGULA_RETURN_IF_ERROR(SyncPath(aside.string()));
  LINGULA_RETURN_IF_ERROR(SyncFolder());
  {
    MutexLock lock(mu_);
    bytes_ -= items_[number].bytes;
    ++totals_.refused;
    items_.erase(number);
    changed_.NotifyAll();
  }
  return DropOldRefused();
}

absl::Status Spool::DropOldRefused() {
  std::map<uint64_t, std::vector<fs::path>> refused;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::path(options_.folder) / kRefused, error)) {
    refused[NumberOf(entry.path().filename().string())].push_back(entry.path());
  }
  while (static_cast<int64_t>(refused.size()) > options_.max_refused) {
    const auto oldest = refused.begin();
    log::Warning("refused folder is full: its oldest picture goes", {{"number", oldest->first}});
    for (const fs::path& path : oldest->second) {
      fs::remove(path, error);
    }
    refused.erase(oldest);
  }
  return error ? SpoolFailed("clear the refused folder", error) : absl::OkStatus();
}

int64_t Spool::files() {
  MutexLock lock(mu_);
  return static_cast<int64_t>(items_.size() + receiving_.size());
}

SpoolCounts Spool::counts() {
  MutexLock lock(mu_);
  SpoolCounts counts = totals_;
  counts.receiving = static_cast<int64_t>(receiving_.size());
  counts.bytes = bytes_;
  const Instant now = Clock::Real().Now();
  for (const auto& [number, item] : items_) {
    ++(item.segmented ? counts.to_store : counts.to_segment);
    counts.oldest = std::max<std::chrono::nanoseconds>(counts.oldest, now - item.since);
  }
  return counts;
}

void Spool::WaitForChange(std::chrono::nanoseconds longest) {
  MutexLock lock(mu_);
  changed_.WaitFor(mu_, longest);
}

void Spool::WakeAll() {
  MutexLock lock(mu_);
  changed_.NotifyAll();
}

}  // namespace lingula::node
