// How an audit log ended, before another file goes on with it.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/audit/audit_disk.h"
#include "server/audit/file_head.h"

namespace lingula {

// The head of the file that is to follow the newest one on `disk`, whose lines are not checked: but
// for its key, and `chain` where there is no file, or none with a head.
absl::StatusOr<FileHead> HeadAfterLastFile(const AuditDisk& disk);

}  // namespace lingula
