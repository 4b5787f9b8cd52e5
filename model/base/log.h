// One JSON object a line on standard error: time, level, message, then fields.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace lingula::log {

enum class Level { kDebug = 0, kInfo = 1, kWarning = 2, kError = 3 };

// A field's value, kept as the JSON text that will be printed.
class Value {
 public:
  Value(absl::string_view text);  // NOLINT(google-explicit-constructor): fields read like a map
  Value(const char* text) : Value(absl::string_view(text)) {}         // NOLINT
  Value(const std::string& text) : Value(absl::string_view(text)) {}  // NOLINT
  Value(bool value) : json_(value ? "true" : "false") {}              // NOLINT
  Value(int value) : json_(std::to_string(value)) {}                  // NOLINT
  Value(unsigned value) : json_(std::to_string(value)) {}             // NOLINT
  Value(long value) : json_(std::to_string(value)) {}                 // NOLINT
  Value(unsigned long value) : json_(std::to_string(value)) {}        // NOLINT
  Value(double value);                                                // NOLINT
  const std::string& json() const { return json_; }

 private:
  std::string json_;
};

using Fields = std::initializer_list<std::pair<absl::string_view, Value>>;

// Messages below this are dropped. Default kInfo. Thread-safe.
void SetLevel(Level level);

// Writes one line; lines of several threads never mix. Never put into a field: pixels, names,
// dates, UIDs, file paths of callers or anything else that came with a patient's image.
void Write(Level level, absl::string_view message, Fields fields = {});
inline void Debug(absl::string_view message, Fields fields = {}) {
  Write(Level::kDebug, message, fields);
}
inline void Info(absl::string_view message, Fields fields = {}) {
  Write(Level::kInfo, message, fields);
}
inline void Warning(absl::string_view message, Fields fields = {}) {
  Write(Level::kWarning, message, fields);
}
inline void Error(absl::string_view message, Fields fields = {}) {
  Write(Level::kError, message, fields);
}

}  // namespace lingula::log
