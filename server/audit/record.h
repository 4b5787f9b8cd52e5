// Fields of a line of the audit log.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace lingula {

// Writes "\"name\":value" fields, joined by commas. Text may be anything: what is not UTF-8 is
// replaced.
class RecordFields {
 public:
  RecordFields(absl::Time time, absl::string_view event);

  // Nothing when `text` is empty.
  RecordFields& Text(absl::string_view name, absl::string_view text);
  RecordFields& Number(absl::string_view name, int64_t number);
  RecordFields& List(absl::string_view name, const std::vector<std::string>& texts);
  std::string Take() { return std::move(fields_); }

 private:
  void Name(absl::string_view name);

  std::string fields_;
};

}  // namespace lingula
