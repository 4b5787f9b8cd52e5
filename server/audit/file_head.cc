#include "server/audit/file_head.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "server/audit/record.h"

namespace lingula {
namespace {

constexpr int kFormat = 1;

}  // namespace

std::string FieldsOf(const FileHead& head, absl::Time now) {
  RecordFields fields(now, kFileEvent);
  fields.Number("format", kFormat)
      .Text("chain", head.chain)
      .Number("file", head.number)
      .Text("key", head.key);
  if (!head.previous.empty()) {
    fields.Text("previous_file", head.previous)
        .Number("previous_seq", head.place.sequence)
        .Text("previous_hash", head.place.hash)
        .Text("previous_mac", head.place.mac)
        .Text("previous_end", head.end);
  }
  if (head.end == kTorn) {
    fields.Number("torn_bytes", head.torn_bytes).Text("torn_sha256", head.torn_sha256);
  }
  return fields.Take();
}

std::optional<FileHead> ParseHead(const ChainLine& line) {
  using Json = nlohmann::json;
  if (line.event != kFileEvent) {
    return std::nullopt;
  }
  const Json fields = Json::parse(absl::StrCat(line.content, "}"), nullptr, false);
  try {
    FileHead head;
    head.chain = fields.at("chain");
    head.number = fields.at("file");
    head.key = fields.at("key");
    head.previous = fields.value("previous_file", "");
    if (!head.previous.empty()) {
      head.place = {fields.at("previous_seq"), fields.at("previous_hash"),
                    fields.at("previous_mac")};
      head.end = fields.at("previous_end");
      head.torn_bytes = fields.value("torn_bytes", int64_t{0});
      head.torn_sha256 = fields.value("torn_sha256", "");
    }
    return head;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace lingula
