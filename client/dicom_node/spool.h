// What the node has acknowledged and not yet delivered, on disk: nothing that was committed is lost
// by a crash, and nothing is forgotten before the PACS has it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/base/clock.h"
#include "model/base/mutex.h"

namespace lingula::node {

struct SpoolOptions {
  std::string folder;
  int64_t max_files = 10000;
  int64_t max_bytes = int64_t{10} << 30;
  int64_t max_file_bytes = int64_t{64} << 20;
  int64_t max_refused = 1000;  // files
};

// How much goes through a spool.
struct SpoolCounts {
  // Pictures since it was opened: kept; not kept, for want of room, by a failing disk or because
  // the sender broke off; and what became of those kept. `refused`: put aside with the reason.
  int64_t received = 0, turned_away = 0, segmented = 0, stored = 0, refused = 0;
  // Now: pictures, their bytes on the disk, and for how long the oldest has been waiting.
  int64_t receiving = 0, to_segment = 0, to_store = 0, bytes = 0;
  std::chrono::nanoseconds oldest{0};
};

// A picture has a number, its only name, and two states. Which one, its files say:
//   N.part            being received; deleted at the next start: nobody was told that it is here
//   N.in.dcm          to be segmented
//   N.R.out.dcm       result R, to be stored. Counts only without N.in.dcm: with it, the results
//   are
//                     not complete, and are made again, with the same bytes
//   refused/N.*       pictures and results that nothing can be done with, and N.txt with the reason
// Each step is a write to a new file, fsync, rename, fsync of the folder.
//
// Bound    Reserve() counts files and bytes, with max_file_bytes for each picture being received.
//          Results are not refused: they take the place of their picture.
// Errors   INTERNAL with errno's reason, RESOURCE_EXHAUSTED as said. No message holds anything of
//          the content.
// Threads  Thread-safe.
class Spool {
 public:
  // Takes the folder for this process alone and goes on with what is in it. FAILED_PRECONDITION
  // when another one has it.
  static absl::StatusOr<std::unique_ptr<Spool>> Open(const SpoolOptions& options);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // Room for one more picture. RESOURCE_EXHAUSTED when there is none.
  absl::StatusOr<uint64_t> Reserve() ABSL_LOCKS_EXCLUDED(mu_);
  // Where the picture is to be written.
  std::string PartOf(uint64_t number) const;
  // Makes it last, and then lets it be segmented. On an error it is gone.
  absl::Status Commit(uint64_t number) ABSL_LOCKS_EXCLUDED(mu_);
  void Abandon(uint64_t number) ABSL_LOCKS_EXCLUDED(mu_);

  // The pictures to segment and those with results to store, oldest first.
  std::vector<uint64_t> ToSegment() { return Waiting(/*segmented=*/false); }
  std::vector<uint64_t> ToStore() { return Waiting(/*segmented=*/true); }
  std::string PictureOf(uint64_t number) const;
  std::vector<std::string> ResultsOf(uint64_t number) const;

  // Keeps one result of a picture to be segmented; the same `index` again replaces it.
  absl::Status AddResult(uint64_t number, int index, absl::string_view content);
  // All results are there: the picture goes.
  absl::Status Segmented(uint64_t number) ABSL_LOCKS_EXCLUDED(mu_);
  // The PACS has this result.
  absl::Status Stored(uint64_t number, const std::string& result) ABSL_LOCKS_EXCLUDED(mu_);
  // Nothing can be done with it: puts its files aside, with the reason.
  absl::Status Refuse(uint64_t number, absl::string_view reason) ABSL_LOCKS_EXCLUDED(mu_);

  int64_t files() ABSL_LOCKS_EXCLUDED(mu_);
  SpoolCounts counts() ABSL_LOCKS_EXCLUDED(mu_);
  // Returns when something may have changed, or after `longest`.
  void WaitForChange(std::chrono::nanoseconds longest) ABSL_LOCKS_EXCLUDED(mu_);
  void WakeAll() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Item {
    Instant since;  // when the picture, or after a start the oldest of its files, came
    int64_t bytes = 0;
    bool segmented = false;
  };
  Spool(SpoolOptions options, int lock_file);
  absl::Status Scan();
  absl::Status Keep(uint64_t number);
  std::vector<uint64_t> Waiting(bool segmented) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status DropOldRefused();
  absl::Status SyncFolder() const;

  const SpoolOptions options_;
  const int lock_file_;  // flock: held until closed
  Mutex mu_;
  CondVar changed_;
  std::map<uint64_t, Item> items_ ABSL_GUARDED_BY(mu_);
  std::set<uint64_t> receiving_ ABSL_GUARDED_BY(mu_);
  int64_t bytes_ ABSL_GUARDED_BY(mu_) = 0;   // of items_
  SpoolCounts totals_ ABSL_GUARDED_BY(mu_);  // since the start; what is there now is not kept here
  uint64_t next_ ABSL_GUARDED_BY(mu_) = 1;
};

}  // namespace lingula::node
