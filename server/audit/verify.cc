#include "server/audit/verify.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "model/base/status_macros.h"
#include "server/audit/audit_disk.h"
#include "server/audit/file_head.h"

namespace lingula {
namespace {

// A file whose first line was read.
struct OpenFile {
  std::string name;
  FileHead head;  // number 0: it has none
};

OpenFile Open(const std::string& name, absl::string_view content) {
  OpenFile open{name, {}};
  if (const auto line = ParseLine(content.substr(0, content.find('\n'))); line.ok()) {
    open.head = ParseHead(*line).value_or(FileHead());
  }
  return open;
}

// Where a file whose head is gone belongs, by its name.
int64_t OrderOf(const OpenFile& open) {
  return open.head.number > 0 ? open.head.number
                              : AuditFileNumber(open.name.substr(open.name.rfind('/') + 1));
}

class Verifier {
 public:
  Verifier(const std::optional<AuditKeys>& keys, const std::vector<AuditAnchor>& anchors)
      : keys_(keys), anchors_(anchors) {}

  // `before` and `after` are null at the ends.
  void Read(const OpenFile& open, absl::string_view content, const OpenFile* before,
            const OpenFile* after) {
    file_ = open.name;
    line_ = 1;
    CheckPlace(open, before);
    CheckKey(open.head);
    std::vector<absl::string_view> lines = absl::StrSplit(content, '\n');
    const absl::string_view torn = lines.back();
    lines.pop_back();
    bool closed = false;
    for (const absl::string_view line : lines) {
      if (closed) {
        Problem("follows the line that ends the file");
      }
      closed = CheckLine(line) == kEndEvent;
      ++line_;
    }
    CheckEnd(torn, closed, after);
  }

  AuditVerdict Take() {
    verdict_.last = before_;
    for (const AuditAnchor& anchor : anchors_) {
      if (anchor.sequence > before_.sequence) {
        verdict_.problems.push_back(absl::StrCat(
            file_, ":", line_ - 1, ": is the last line, record ", before_.sequence, ", but record ",
            anchor.sequence, " was seen: the records between are gone"));
      }
    }
    return std::move(verdict_);
  }

 private:
  template <typename... Parts>
  void Problem(const Parts&... parts) {
    verdict_.problems.push_back(absl::StrCat(file_, ":", line_, ": ", parts...));
  }
  template <typename... Parts>
  void Note(const Parts&... parts) {
    verdict_.notes.push_back(absl::StrCat(file_, ": ", parts...));
  }

  // Whether the file is the one that must come now.
  void CheckPlace(const OpenFile& open, const OpenFile* before) {
    const FileHead& head = open.head;
    if (head.number == 0) {
      return Problem("the file does not begin as files of an audit log do: its beginning is gone");
    }
    if (before == nullptr) {
      return CheckBeginning(head);
    }
    const int64_t expected = OrderOf(*before) + 1;
    if (head.chain != before->head.chain && before->head.number > 0) {
      Problem("belongs to another log, ", head.chain, ": check each log by itself");
    } else if (head.number < expected) {
      Problem("is file ", head.number, " of the log, which was there already");
    } else if (head.number > expected) {
      Problem(head.number == expected + 1 ? "the file before is missing: "
                                          : "files before are missing, up to ",
              head.previous);
    } else {
      return;
    }
    before_ = head.place;  // so that nothing else is said for the same reason
  }

  void CheckBeginning(const FileHead& head) {
    before_ = head.place;
    if (head.previous.empty()) {
      return;
    }
    for (const AuditAnchor& anchor : anchors_) {
      if (anchor.sequence == head.place.sequence && anchor.hash == head.place.hash) {
        return;
      }
    }
    Problem("the log begins before this file: ", head.previous,
            " is missing. If it was put away on purpose, give --anchor with its last line");
  }

  void CheckKey(const FileHead& head) {
    check_macs_ = keys_.has_value();
    if (check_macs_ && head.number > 0 && head.key != keys_->Fingerprint()) {
      Problem("was sealed with key ", head.key, ", the one given is ", keys_->Fingerprint());
      check_macs_ = false;
    }
  }

  // Its event.
  std::string CheckLine(absl::string_view text) {
    const auto line = ParseLine(text);
    ++verdict_.lines;
    if (!line.ok()) {
      Problem(line.status().message(), ": it was changed or put in");
      ++unreadable_;
      return "";
    }
    CheckOrder(*line);
    if (check_macs_ && !IsSealed(*line, *keys_)) {
      Problem("its mac was not made with the key: who wrote this line did not have it");
    }
    if ((line->event == kFileEvent) != (line_ == 1)) {
      Problem(line_ == 1 ? "is not the first line of a file" : "is the first line of a file");
    }
    for (const AuditAnchor& anchor : anchors_) {
      if (anchor.sequence == line->sequence && anchor.hash != line->hash) {
        Problem("record ", anchor.sequence, " was another one when its anchor was taken");
      }
    }
    verdict_.inferences += line->event == "inference" ? 1 : 0;
    before_ = line->place();
    unreadable_ = 0;
    return std::string(line->event);
  }

  void CheckOrder(const ChainLine& line) {
    const int64_t expected = before_.sequence + 1;
    if (line.sequence > expected && line.sequence <= expected + unreadable_) {
      return;  // said already of the unreadable lines
    }
    if (line.sequence > expected) {
      Problem("records ", expected, " to ", line.sequence - 1, " are missing before this line");
    } else if (line.sequence < expected) {
      Problem("record ", line.sequence, " does not belong here: the one before is record ",
              before_.sequence);
    } else if (!Follows(line, before_)) {
      Problem("does not follow from the line before: one of the two was changed");
    }
  }

  void CheckEnd(absl::string_view torn, bool closed, const OpenFile* after) {
    const FileHead next = after == nullptr ? FileHead() : after->head;
    const bool said = next.end == kTorn && next.torn_bytes == static_cast<int64_t>(torn.size()) &&
                      next.torn_sha256 == HashHex(torn);
    if (next.end == kTorn && !said) {
      Problem("what stood here, half a line of ", next.torn_bytes, " bytes, was changed");
    } else if (!torn.empty() && !said) {
      Problem(
          "ends in the middle of a line: it was cut, or the server was killed and has not "
          "started since");
    } else if (said) {
      Note("ends with half a line: the server was killed while it wrote, as the next file says");
    } else if (!closed && after != nullptr) {
      Note("has no end: the server was killed after record ", before_.sequence,
           ", and what it had not written is lost");
    } else if (!closed) {
      Note("has no end: the server is running, or was killed after record ", before_.sequence);
    }
  }

  const std::optional<AuditKeys>& keys_;
  const std::vector<AuditAnchor>& anchors_;
  AuditVerdict verdict_;
  std::string file_;
  int64_t line_ = 0;
  ChainPlace before_;
  int64_t unreadable_ = 0;  // lines since then
  bool check_macs_ = false;
};

}  // namespace

absl::StatusOr<AuditAnchor> ParseAnchor(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, ':');
  AuditAnchor anchor;
  anchor.hash = std::string(parts.second);
  if (!absl::SimpleAtoi(parts.first, &anchor.sequence) || anchor.hash.size() != 64) {
    return absl::InvalidArgumentError(
        absl::StrCat("an anchor is a number, a colon and 64 hexadecimal digits, not ", text));
  }
  return anchor;
}

absl::StatusOr<AuditVerdict> VerifyAuditLog(const std::vector<std::string>& names,
                                            const ReadAuditFile& read,
                                            const std::optional<AuditKeys>& keys,
                                            const std::vector<AuditAnchor>& anchors) {
  std::vector<OpenFile> opened;
  for (const std::string& name : names) {
    LINGULA_ASSIGN_OR_RETURN(const std::string content, read(name));
    opened.push_back(Open(name, content));
  }
  std::stable_sort(opened.begin(), opened.end(), [](const OpenFile& one, const OpenFile& other) {
    return OrderOf(one) < OrderOf(other);
  });
  Verifier verifier(keys, anchors);
  for (size_t i = 0; i < opened.size(); ++i) {
    LINGULA_ASSIGN_OR_RETURN(const std::string content, read(opened[i].name));
    verifier.Read(opened[i], content, i == 0 ? nullptr : &opened[i - 1],
                  i + 1 == opened.size() ? nullptr : &opened[i + 1]);
  }
  return verifier.Take();
}

}  // namespace lingula
