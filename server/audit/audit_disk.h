// Where the audit log lies.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula {

// A folder of log files, of which the newest grows. One thread.
class AuditDisk {
 public:
  virtual ~AuditDisk() = default;
  // Names of the log files that are there, oldest first.
  virtual absl::StatusOr<std::vector<std::string>> List() const = 0;
  virtual absl::StatusOr<std::string> Read(const std::string& name) const = 0;
  // A new file that begins with `head`, whole or not at all. Append goes there from now on.
  virtual absl::Status Begin(const std::string& name, absl::string_view head) = 0;
  // All of `lines` or none. NOT_FOUND when somebody has taken the file away: Begin another one.
  virtual absl::Status Append(absl::string_view lines) = 0;
  // What was appended survives the machine.
  virtual absl::Status Sync() = 0;
};

// "audit-000012.jsonl"
std::string AuditFileName(int64_t number);
// 12; 0 when `name` is none of the log's.
int64_t AuditFileNumber(absl::string_view name);

// Whether OpenAuditFolder could write there, or make it, as far as rights say; nothing is made.
// Errors   UNAVAILABLE, with the folder that stands in the way.
absl::Status CheckAuditFolder(const std::string& folder);

// A folder of this machine; made when it is not there.
// Errors   what the operating system says, with the folder; FAILED_PRECONDITION another process
//          writes there.
absl::StatusOr<std::unique_ptr<AuditDisk>> OpenAuditFolder(const std::string& folder);

}  // namespace lingula
