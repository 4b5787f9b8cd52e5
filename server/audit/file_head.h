// The first line of a file of the audit log: where the file belongs.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "server/audit/chain.h"

namespace lingula {

// Events that the log writes of itself.
inline constexpr char kFileEvent[] = "file";  // the first line of every file, and no other
inline constexpr char kEndEvent[] = "end";    // the last line of a file that was closed

// Ends of the file before.
inline constexpr char kClosed[] = "closed", kUnclean[] = "unclean", kTorn[] = "torn";

struct FileHead {
  std::string chain;       // the log's name
  int64_t number = 0;      // of the file, from 1
  std::string key;         // fingerprint
  std::string previous;    // name of the file before; empty: this is the first
  ChainPlace place;        // of its last whole line
  std::string end;         // how it ended
  int64_t torn_bytes = 0;  // after that line, and their SHA-256
  std::string torn_sha256;
};

// Fields of a line.
std::string FieldsOf(const FileHead& head, absl::Time now);
// Nothing when `line` is no such line.
std::optional<FileHead> ParseHead(const ChainLine& line);

}  // namespace lingula
