#include "server/audit/record.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "server/audit/audit_event.h"

namespace lingula {
namespace {

std::string Quoted(absl::string_view text) {
  using Json = nlohmann::json;
  return Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

RecordFields::RecordFields(absl::Time time, absl::string_view event) {
  Text("time", TimeText(time)).Text("event", event);
}

void RecordFields::Name(absl::string_view name) {
  absl::StrAppend(&fields_, fields_.empty() ? "" : ",", "\"", name, "\":");
}

RecordFields& RecordFields::Text(absl::string_view name, absl::string_view text) {
  if (!text.empty()) {
    Name(name);
    fields_ += Quoted(text);
  }
  return *this;
}

RecordFields& RecordFields::Number(absl::string_view name, int64_t number) {
  Name(name);
  absl::StrAppend(&fields_, number);
  return *this;
}

RecordFields& RecordFields::List(absl::string_view name, const std::vector<std::string>& texts) {
  if (!texts.empty()) {
    Name(name);
    for (size_t i = 0; i < texts.size(); ++i) {
      absl::StrAppend(&fields_, i == 0 ? "[" : ",", Quoted(texts[i]));
    }
    fields_ += "]";
  }
  return *this;
}

}  // namespace lingula
