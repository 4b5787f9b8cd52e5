#include "server/tracing/trace_context.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace lingula {
namespace {

constexpr uint8_t kSampled = 1;
constexpr size_t kLength = 55;  // "00-", 32 digits, "-", 16 digits, "-", 2 digits

bool IsLowerHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// False unless `digits` are those of an id that is not all zero.
template <typename Id>
bool ReadId(absl::string_view digits, Id& id) {
  if (!IsLowerHex(digits)) {
    return false;
  }
  const std::string bytes = absl::HexStringToBytes(digits);
  std::copy(bytes.begin(), bytes.end(), id.begin());
  return id != Id{};
}

}  // namespace

std::optional<TraceContext> ParseTraceparent(absl::string_view header) {
  if (header.size() < kLength || header[2] != '-' || header[35] != '-' || header[52] != '-') {
    return std::nullopt;
  }
  const absl::string_view version = header.substr(0, 2), flags = header.substr(53, 2);
  // A later version may say more, behind another dash.
  const bool length_fits = version == "00" ? header.size() == kLength
                                           : header.size() == kLength || header[kLength] == '-';
  TraceContext context;
  if (!IsLowerHex(version) || version == "ff" || !length_fits || !IsLowerHex(flags) ||
      !ReadId(header.substr(3, 32), context.trace_id) ||
      !ReadId(header.substr(36, 16), context.span_id)) {
    return std::nullopt;
  }
  context.sampled = (static_cast<uint8_t>(absl::HexStringToBytes(flags)[0]) & kSampled) != 0;
  return context;
}

std::string FormatTraceparent(const TraceContext& context) {
  return absl::StrCat("00-", TraceIdText(context), "-",
                      absl::BytesToHexString(BytesOf(context.span_id)),
                      context.sampled ? "-01" : "-00");
}

std::string TraceIdText(const TraceContext& context) {
  return context.exists() ? absl::BytesToHexString(BytesOf(context.trace_id)) : "";
}

}  // namespace lingula
