// Judges files of an audit log.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/audit/audit_keys.h"
#include "server/audit/chain.h"

namespace lingula {

// A line that was seen earlier and remembered elsewhere.
struct AuditAnchor {
  int64_t sequence = 0;
  std::string hash;
};

// "57:" and 64 hexadecimal digits. INVALID_ARGUMENT for anything else.
absl::StatusOr<AuditAnchor> ParseAnchor(absl::string_view text);

struct AuditVerdict {
  std::vector<std::string> problems;  // "audit-000002.jsonl:17: what is wrong there", in order
  std::vector<std::string> notes;     // what is no fault of the log but worth knowing
  int64_t lines = 0, inferences = 0;  // that were read
  ChainPlace last;                    // line

  bool is_good() const { return problems.empty(); }
};

// The content of a file.
using ReadAuditFile = std::function<absl::StatusOr<std::string>(const std::string& name)>;

// Reads the files of these names, in any order, as one log: each twice, and one at a time, since
// all may be more than memory holds. Without `keys` macs are not checked. A log whose first files
// are gone needs an anchor of the line before.
// Errors   those of `read`.
absl::StatusOr<AuditVerdict> VerifyAuditLog(const std::vector<std::string>& names,
                                            const ReadAuditFile& read,
                                            const std::optional<AuditKeys>& keys,
                                            const std::vector<AuditAnchor>& anchors);

}  // namespace lingula
