#include "server/audit/last_file.h"

#include "model/base/status_macros.h"

namespace lingula {
namespace {

// Goes back to the last line that can be read: whatever follows it, verify will name.
void FindLastLine(absl::string_view lines, FileHead& head) {
  while (!lines.empty()) {
    lines.remove_suffix(1);
    const size_t begin = lines.rfind('\n') + 1;  // npos + 1: 0
    if (const auto line = ParseLine(lines.substr(begin)); line.ok()) {
      head.place = line->place();
      head.end = line->event == kEndEvent ? kClosed : kUnclean;
      return;
    }
    lines = lines.substr(0, begin);
  }
}

}  // namespace

absl::StatusOr<FileHead> HeadAfterLastFile(const AuditDisk& disk) {
  LINGULA_ASSIGN_OR_RETURN(const std::vector<std::string> names, disk.List());
  FileHead head;
  head.number = 1;
  if (names.empty()) {
    return head;
  }
  LINGULA_ASSIGN_OR_RETURN(const std::string content, disk.Read(names.back()));
  head.previous = names.back();
  head.number = AuditFileNumber(names.back()) + 1;
  head.end = kUnclean;
  const absl::string_view all = content;
  if (const auto first = ParseLine(all.substr(0, all.find('\n'))); first.ok()) {
    head.chain = ParseHead(*first).value_or(FileHead()).chain;
  }
  const size_t whole = all.rfind('\n') + 1;
  FindLastLine(all.substr(0, whole), head);
  if (const absl::string_view torn = all.substr(whole); !torn.empty()) {
    head.end = kTorn;
    head.torn_bytes = static_cast<int64_t>(torn.size());
    head.torn_sha256 = HashHex(torn);
  }
  return head;
}

}  // namespace lingula
