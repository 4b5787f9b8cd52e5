// Text-format protobuf files that people write by hand: every mistake at its place, all at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace lingula {

// Parses a file and collects what is wrong with it. Use: construct; while parsed(), check fields
// and call Problem() for each bad one; return status().
//
//   v1::ServerConfig proto;
//   Textproto text(content, path, proto);
//   if (text.parsed()) {
//     text.CheckRange("batching.max_batch_size", proto.batching().max_batch_size(), 1, 256);
//   }
//   LINGULA_RETURN_IF_ERROR(text.status());
//   // server.textproto:4:3: batching.max_batch_size: must be in [1, 256], got 300
//
// Field paths are names as in the .proto, joined by dots, with [i] after a repeated field. A path
// that is not in the text gets the place of its nearest enclosing message, or 1:1. A path that the
// message type does not have is a bug in the caller: it gets that fallback place too. Threads  Not
// thread-safe; keeps no reference to `text`, but `into` must outlive it.
class Textproto {
 public:
  // `file` is for messages only. Unknown fields count as problems but do not end the parse;
  // anything else that is not well-formed (unknown enum names too) does, and leaves parsed() false.
  Textproto(absl::string_view text, absl::string_view file, google::protobuf::Message& into);
  ~Textproto();
  Textproto(const Textproto&) = delete;
  Textproto& operator=(const Textproto&) = delete;

  // False when the text is not well-formed: `into` is then partly filled and not worth checking.
  bool parsed() const { return parsed_; }
  // From here on, field paths start inside this message; empty: in the file's own.
  void Within(absl::string_view message_path) { within_ = std::string(message_path); }
  // True when the text gives this field (a present message counts, even if empty).
  bool Has(absl::string_view field_path) const;

  void Problem(absl::string_view field_path, absl::string_view what);
  // Problem "must be in [lowest, highest], got value" unless it is.
  void CheckRange(absl::string_view field_path, int64_t value, int64_t lowest, int64_t highest);

  // OK, or INVALID_ARGUMENT with one "file:line:column: what" line for each problem (the first 40),
  // in the order of the file.
  absl::Status status() const;

 private:
  class Collector;
  struct Places;
  struct Entry {
    int line = 1, column = 1;  // from 1
    std::string what;
  };
  struct Place {
    int line = 1, column = 1;
    bool found = false;  // the whole path is in the text
  };
  Place Find(absl::string_view field_path) const;
  std::string Whole(absl::string_view field_path) const;

  const std::string file_;
  std::string within_;
  google::protobuf::Message& into_;
  std::unique_ptr<Places> places_;
  std::vector<Entry> entries_;
  bool parsed_ = false;
};

}  // namespace lingula
