#include "server/audit/audit_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "model/base/clock.h"
#include "model/base/log.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

// Between tries to write what could not be written.
constexpr std::chrono::milliseconds kRetry{250};

}  // namespace

absl::StatusOr<std::unique_ptr<AuditLog>> AuditLog::Open(Options options,
                                                         std::unique_ptr<AuditDisk> disk) {
  LINGULA_ASSIGN_OR_RETURN(auto writer, AuditWriter::Open(options.writer, *disk));
  return std::unique_ptr<AuditLog>(
      new AuditLog(std::move(options), std::move(disk), std::move(writer)));
}

AuditLog::AuditLog(Options options, std::unique_ptr<AuditDisk> disk,
                   std::unique_ptr<AuditWriter> writer)
    : options_(std::move(options)), disk_(std::move(disk)), writer_(std::move(writer)) {
  queue_.reserve(options_.max_queued);
  thread_ = std::thread([this] { Run(); });
}

AuditLog::~AuditLog() {
  {
    MutexLock lock(mu_);
    ending_ = true;
    wake_.NotifyOne();
  }
  thread_.join();
}

void AuditLog::Append(AuditEvent event) {
  MutexLock lock(mu_);
  if (queue_.size() >= options_.max_queued) {
    ++dropped_;
    if (gap_.dropped++ == 0) {
      gap_.since = event.time;
      gap_.reason = failure_.empty() ? "more came than was written" : failure_;
    }
    gap_.until = event.time;
    closed_door_ = options_.policy == AuditPolicy::kRefuse;
    return;
  }
  queue_.push_back(std::move(event));
  // Otherwise the writer comes by itself: waking it would cost the request more than the rest.
  if (options_.flush_interval.count() == 0 || queue_.size() == options_.max_queued / 2) {
    wake_.NotifyOne();
  }
}

absl::Status AuditLog::MayServe() const {
  if (!closed_door_) {
    return absl::OkStatus();
  }
  MutexLock lock(mu_);
  return absl::UnavailableError(absl::StrCat(
      "the audit log takes no records (", failure_.empty() ? "its queue is full" : failure_,
      "), and this server does not serve without it: send to another one, or retry later"));
}

void AuditLog::Flush() {
  MutexLock lock(mu_);
  const int64_t mine = ++flushes_wanted_;
  wake_.NotifyOne();
  while (flushes_done_ < mine) {
    tried_.Wait(mu_);
  }
}

void AuditLog::Run() {
  for (bool go_on = true; go_on;) {
    go_on = Wait();
    absl::Status status = writer_->Write();  // what the last try left
    if (status.ok()) {
      Take();
      status = writer_->Write();
    }
    if (!writer_->has_waiting()) {
      counts_.written += std::exchange(unwritten_, 0);
    }
    if (status.ok()) {
      status = SyncIfDue();
    }
    NoteResult(status);
  }
  if (const absl::Status status = writer_->Close(); !status.ok()) {
    log::Error("the audit log could not be ended well",
               {{"reason", status.message()}, {"records_lost", unwritten_}});
  }
}

bool AuditLog::IsUrgent() const {
  const size_t many = options_.flush_interval.count() == 0 ? 1 : options_.max_queued / 2;
  return ending_ || flushes_done_ < flushes_wanted_ || (failure_.empty() && queue_.size() >= many);
}

bool AuditLog::Wait() {
  MutexLock lock(mu_);
  const auto pause = failure_.empty() ? options_.flush_interval : kRetry;
  const Instant until = Clock::Real().Now() + pause;
  while (!IsUrgent()) {
    const auto left = until - Clock::Real().Now();
    if (pause.count() == 0) {
      wake_.Wait(mu_);
    } else if (left.count() > 0) {
      wake_.WaitFor(mu_, left);
    } else {
      break;
    }
  }
  return !ending_;
}

void AuditLog::Take() {
  MutexLock lock(mu_);
  for (const AuditEvent& event : queue_) {
    writer_->Add(event);
  }
  unwritten_ += static_cast<int64_t>(queue_.size());
  queue_.clear();
  if (gap_.dropped > 0) {
    writer_->Add(std::exchange(gap_, AuditGap()));
  }
  flushes_taken_ = flushes_wanted_;
}

absl::Status AuditLog::SyncIfDue() {
  const absl::Time now = absl::Now();
  const int64_t last = writer_->place().sequence;
  const bool is_due = options_.sync == AuditSync::kAlways ||
                      (options_.sync == AuditSync::kInterval &&
                       now - last_sync_ >= absl::FromChrono(options_.sync_interval));
  if (!is_due || last == synced_) {
    return absl::OkStatus();
  }
  LINGULA_RETURN_IF_ERROR(writer_->Sync());
  synced_ = last;
  last_sync_ = now;
  return absl::OkStatus();
}

void AuditLog::NoteResult(const absl::Status& status) {
  bool is_news = false;
  {
    MutexLock lock(mu_);
    is_news = failure_.empty() != status.ok();
    failure_ = std::string(status.message());
    closed_door_ = options_.policy == AuditPolicy::kRefuse &&
                   (!status.ok() || queue_.size() >= options_.max_queued);
    counts_.dropped = dropped_;
  }
  if (is_news && status.ok()) {
    log::Warning("the audit log can be written again");
  } else if (is_news) {
    log::Error("the audit log cannot be written", {{"reason", status.message()}});
  }
  counts_.bytes = writer_->bytes();
  counts_.last_sequence = writer_->place().sequence;
  counts_.is_writable = status.ok();
  if (status.ok()) {
    counts_.last_write = absl::Now();
  }
  options_.report(counts_);
  MutexLock lock(mu_);
  flushes_done_ = status.ok() ? flushes_taken_ : flushes_wanted_;
  tried_.NotifyAll();
}

}  // namespace lingula
