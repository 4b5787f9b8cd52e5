#include "server/audit/audit_writer.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/base/log.h"
#include "model/base/status_macros.h"
#include "server/audit/last_file.h"
#include "server/audit/record.h"

namespace lingula {
namespace {

std::string FreshChainName() {
  std::random_device random;
  return absl::StrFormat("%08x%08x", random(), random());
}

// What kept elsewhere shows later that nothing was cut off.
void LogAnchor(const ChainPlace& place, absl::string_view when) {
  log::Info("audit anchor", {{"when", when}, {"anchor", place.Anchor()}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<AuditWriter>> AuditWriter::Open(Options options, AuditDisk& disk) {
  std::unique_ptr<AuditWriter> writer(new AuditWriter(std::move(options), disk));
  LINGULA_ASSIGN_OR_RETURN(FileHead head, HeadAfterLastFile(disk));
  const bool is_fresh = head.previous.empty(), is_clean = is_fresh || head.end == kClosed;
  RecordFields fields(writer->options_.now(), is_clean ? "started" : "started after unclean end");
  if (!is_clean) {
    fields.Text("previous_file", head.previous)
        .Number("previous_seq", head.place.sequence)
        .Number("torn_bytes", head.torn_bytes);
    log::Warning("the audit log had no end: the server was killed, and records may be missing",
                 {{"file", head.previous}, {"last_record", head.place.sequence}});
  }
  head.chain = head.chain.empty() ? FreshChainName() : head.chain;
  head.key = writer->options_.keys.Fingerprint();
  writer->place_ = head.place;
  writer->head_ = std::move(head);
  writer->waiting_.push_back(fields.Take());
  LINGULA_RETURN_IF_ERROR(writer->Write());
  LogAnchor(writer->place_, "start");
  return writer;
}

void AuditWriter::Add(const AuditGap& gap) {
  waiting_.push_back(RecordFields(options_.now(), "gap")
                         .Number("dropped", gap.dropped)
                         .Text("since", TimeText(gap.since))
                         .Text("until", TimeText(gap.until))
                         .Text("reason", gap.reason)
                         .Take());
}

absl::Status AuditWriter::Write() {
  if (needs_file_) {
    LINGULA_RETURN_IF_ERROR(BeginFile());
  }
  if (waiting_.empty()) {
    return absl::OkStatus();
  }
  ChainPlace place = place_;
  std::string lines;
  for (const std::string& fields : waiting_) {
    lines += SealLine(fields, options_.keys, place);
  }
  const absl::Status status = disk_.Append(lines);
  if (absl::IsNotFound(status)) {
    TurnPage(kUnclean);  // the next try writes to a new file
  }
  LINGULA_RETURN_IF_ERROR(status);
  place_ = std::move(place);
  waiting_.clear();
  bytes_ += static_cast<int64_t>(lines.size());
  file_bytes_ += static_cast<int64_t>(lines.size());
  if (file_bytes_ >= options_.rotate_bytes ||
      options_.now() - file_began_ >= options_.rotate_after) {
    LINGULA_RETURN_IF_ERROR(EndFile("rotated"));
    return BeginFile();
  }
  return absl::OkStatus();
}

absl::Status AuditWriter::Close() {
  LINGULA_RETURN_IF_ERROR(Write());
  LINGULA_RETURN_IF_ERROR(EndFile("stopped"));
  return Sync();
}

absl::Status AuditWriter::EndFile(absl::string_view reason) {
  ChainPlace place = place_;
  const std::string line = SealLine(
      RecordFields(options_.now(), kEndEvent).Text("reason", reason).Take(), options_.keys, place);
  LINGULA_RETURN_IF_ERROR(disk_.Append(line));
  place_ = std::move(place);
  bytes_ += static_cast<int64_t>(line.size());
  TurnPage(kClosed);
  LogAnchor(place_, reason);
  return absl::OkStatus();
}

void AuditWriter::TurnPage(const char* end) {
  head_.previous = AuditFileName(head_.number);
  ++head_.number;
  head_.place = place_;
  head_.end = end;
  needs_file_ = true;
}

absl::Status AuditWriter::BeginFile() {
  ChainPlace place = place_;
  const absl::Time now = options_.now();
  const std::string line = SealLine(FieldsOf(head_, now), options_.keys, place);
  LINGULA_RETURN_IF_ERROR(disk_.Begin(AuditFileName(head_.number), line));
  place_ = std::move(place);
  file_bytes_ = static_cast<int64_t>(line.size());
  bytes_ += file_bytes_;
  file_began_ = now;
  needs_file_ = false;
  return absl::OkStatus();
}

}  // namespace lingula
