#include "model/base/log.h"

#include <unistd.h>

#include <atomic>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace lingula::log {
namespace {

std::atomic<Level> g_level{Level::kInfo};

constexpr const char* kNames[] = {"debug", "info", "warning", "error"};

// JSON string with quotes. Bytes that are not ASCII are escaped one by one, so that hostile input
// cannot make the line invalid.
std::string Quote(absl::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20 || byte >= 0x7f) {
      absl::StrAppendFormat(&out, "\\u%04x", byte);
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

}  // namespace

Value::Value(absl::string_view text) : json_(Quote(text)) {}
Value::Value(double value) : json_(std::isfinite(value) ? absl::StrCat(value) : "null") {}

void SetLevel(Level level) {
  g_level = level;
}

void Write(Level level, absl::string_view message, Fields fields) {
  if (level < g_level) {
    return;
  }
  std::string line = absl::StrCat(
      "{\"time\":\"", absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone()),
      "\",\"level\":\"", kNames[static_cast<int>(level)], "\",\"message\":", Quote(message));
  for (const auto& [name, value] : fields) {
    absl::StrAppend(&line, ",", Quote(name), ":", value.json());
  }
  absl::StrAppend(&line, "}\n");
  // One write call a line: the kernel keeps lines of several threads apart.
  [[maybe_unused]] const auto written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace lingula::log
