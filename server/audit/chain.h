// How lines of the audit log hang together (docs/adr/0017-audit.md).
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/audit/audit_keys.h"

namespace lingula {

// A place in the chain: the line that was written last.
struct ChainPlace {
  int64_t sequence = 0;  // of that line, from 1; 0: none so far
  std::string hash = std::string(64, '0'), mac = std::string(64, '0');

  // "57:3f2a...": what is kept elsewhere to hold a log against later.
  std::string Anchor() const;
};

// A line taken apart; borrows it.
struct ChainLine {
  absl::string_view content;  // up to the hash: what is hashed
  int64_t sequence = 0;
  absl::string_view event;
  absl::string_view hash, mac;

  ChainPlace place() const { return {sequence, std::string(hash), std::string(mac)}; }
};

// The next line, with its line feed; `place` moves on to it. `fields` as of RecordFields.
std::string SealLine(absl::string_view fields, const AuditKeys& keys, ChainPlace& place);

// `line` without its line feed. INVALID_ARGUMENT when it is not as SealLine writes them.
absl::StatusOr<ChainLine> ParseLine(absl::string_view line);

// Whether the line was made from its content after `before`.
bool Follows(const ChainLine& line, const ChainPlace& before);
// Whether whoever made its mac held the key.
bool IsSealed(const ChainLine& line, const AuditKeys& keys);

}  // namespace lingula
