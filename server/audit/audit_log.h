// The audit log as request threads see it (docs/adr/0017-audit.md).
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "model/base/mutex.h"
#include "server/audit/audit_writer.h"

namespace lingula {

// When what was written also survives a loss of power.
enum class AuditSync { kNever, kInterval, kAlways };
// What happens to requests while the log cannot be written.
enum class AuditPolicy { kServe, kRefuse };

// Since the start; told on the log's own thread.
struct AuditCounts {
  int64_t written = 0, dropped = 0;  // records of requests
  int64_t bytes = 0;
  int64_t last_sequence = 0;  // of the last line on disk
  absl::Time last_write;      // when all that was taken was on disk
  bool is_writable = true;
};

// Takes events from any thread and writes them on one of its own.
// Threads  Thread-safe. Nothing here waits for a disk but Flush and the destructor, which writes
//          what is left.
class AuditLog {
 public:
  struct Options {
    size_t max_queued = 16384;
    std::chrono::milliseconds flush_interval{100};  // 0: each event wakes the writer
    std::chrono::milliseconds sync_interval{1000};  // of AuditSync::kInterval
    AuditSync sync = AuditSync::kInterval;
    AuditPolicy policy = AuditPolicy::kServe;
    std::function<void(const AuditCounts&)> report = [](const AuditCounts&) {};
    AuditWriter::Options writer;
  };

  // Errors   those of AuditWriter::Open: a server whose log cannot be begun does not start.
  static absl::StatusOr<std::unique_ptr<AuditLog>> Open(Options options,
                                                        std::unique_ptr<AuditDisk> disk);
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  const AuditKeys& keys() const { return options_.writer.keys; }
  // Never waits: beyond max_queued the event is dropped and counted.
  void Append(AuditEvent event) ABSL_LOCKS_EXCLUDED(mu_);
  // UNAVAILABLE while the log cannot take records and the policy is kRefuse.
  absl::Status MayServe() const;
  // Waits until everything that was appended before is written, or a try to do so has failed.
  void Flush() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  AuditLog(Options options, std::unique_ptr<AuditDisk> disk, std::unique_ptr<AuditWriter> writer);
  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  // Until there is reason to write. False: it is time to end.
  bool Wait() ABSL_LOCKS_EXCLUDED(mu_);
  bool IsUrgent() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Hands queue and gap to the writer, which has written all it had.
  void Take() ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status SyncIfDue();
  void NoteResult(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mu_);

  const Options options_;
  const std::unique_ptr<AuditDisk> disk_;
  const std::unique_ptr<AuditWriter> writer_;  // of the thread
  // Of the thread too:
  AuditCounts counts_;
  int64_t unwritten_ = 0;  // records that the writer holds
  absl::Time last_sync_;
  int64_t synced_ = 0;  // the last line of which that is true

  std::atomic<bool> closed_door_{false};  // what MayServe reads without a lock
  mutable Mutex mu_;
  CondVar wake_, tried_;
  std::vector<AuditEvent> queue_ ABSL_GUARDED_BY(mu_);
  AuditGap gap_ ABSL_GUARDED_BY(mu_);
  std::string failure_ ABSL_GUARDED_BY(mu_);  // empty: the last try went well
  int64_t dropped_ ABSL_GUARDED_BY(mu_) = 0;
  // Calls of Flush: begun, begun before the last Take, and let go.
  int64_t flushes_wanted_ ABSL_GUARDED_BY(mu_) = 0, flushes_taken_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t flushes_done_ ABSL_GUARDED_BY(mu_) = 0;
  bool ending_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace lingula
