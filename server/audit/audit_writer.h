// Turns events into lines of files.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/audit/audit_disk.h"
#include "server/audit/audit_event.h"
#include "server/audit/chain.h"
#include "server/audit/file_head.h"

namespace lingula {

// Records that could not be taken.
struct AuditGap {
  int64_t dropped = 0;
  absl::Time since, until;
  std::string reason;
};

// Seals, rotates, and keeps what the disk does not take for the next try. One thread.
class AuditWriter {
 public:
  struct Options {
    AuditKeys keys;
    int64_t rotate_bytes = 64 << 20;                // a file that reached this is closed
    absl::Duration rotate_after = absl::Hours(24);  // likewise; looked at when something is written
    std::function<absl::Time()> now = [] { return absl::Now(); };
  };

  // Goes on with the log on `disk`, in a new file, and says there how the last one ended. Borrows
  // `disk`.
  static absl::StatusOr<std::unique_ptr<AuditWriter>> Open(Options options, AuditDisk& disk);

  // Adds to what waits to be written.
  void Add(const AuditEvent& event) { waiting_.push_back(FieldsOf(event, options_.keys)); }
  void Add(const AuditGap& gap);
  // Writes all that waits, or nothing of it and says why; then another call tries again.
  absl::Status Write();
  absl::Status Sync() { return disk_.Sync(); }
  bool has_waiting() const { return !waiting_.empty(); }
  // Says that the log ends here, and writes. The last call.
  absl::Status Close();

  // Of the last line on disk.
  const ChainPlace& place() const { return place_; }
  int64_t bytes() const { return bytes_; }  // written in all

 private:
  AuditWriter(Options options, AuditDisk& disk) : options_(std::move(options)), disk_(disk) {}
  absl::Status BeginFile();
  absl::Status EndFile(absl::string_view reason);
  // The next file goes on from here; `end` of the present one.
  void TurnPage(const char* end);

  const Options options_;
  AuditDisk& disk_;
  FileHead head_;  // of the next file, or of the one that grows
  bool needs_file_ = true;
  ChainPlace place_;
  int64_t bytes_ = 0, file_bytes_ = 0;
  absl::Time file_began_;
  std::vector<std::string> waiting_;  // fields; sealed when they are written
};

}  // namespace lingula
