#include "server/audit/chain.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace lingula {
namespace {

constexpr size_t kHexDigits = 64;
constexpr char kHash[] = ",\"hash\":\"", kMac[] = "\",\"mac\":\"", kEnd[] = "\"}";
constexpr size_t kTail = sizeof(kHash) + sizeof(kMac) + sizeof(kEnd) - 3 + 2 * kHexDigits;

std::string HashAfter(const ChainPlace& before, absl::string_view content) {
  return HashHex(absl::StrCat(before.hash, before.mac, content));
}

bool IsHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// Takes `size` characters off the front.
absl::string_view TakeFront(absl::string_view& text, size_t size) {
  const absl::string_view front = text.substr(0, size);
  text.remove_prefix(front.size());
  return front;
}

// {"seq":12,"time":"...","event":"inference"...
bool ParseContent(ChainLine& line) {
  absl::string_view rest = line.content;
  const auto quoted = [&rest](absl::string_view prefix, absl::string_view& into) {
    if (!absl::ConsumePrefix(&rest, prefix)) {
      return false;
    }
    const size_t end = rest.find('"');
    into = rest.substr(0, end);
    rest.remove_prefix(std::min(rest.size(), into.size() + 1));
    return end != absl::string_view::npos;
  };
  absl::string_view time;
  if (!absl::ConsumePrefix(&rest, "{\"seq\":")) {
    return false;
  }
  const absl::string_view digits = rest.substr(0, rest.find(','));
  rest.remove_prefix(digits.size());
  return absl::SimpleAtoi(digits, &line.sequence) && line.sequence > 0 &&
         quoted(",\"time\":\"", time) && quoted(",\"event\":\"", line.event);
}

}  // namespace

std::string ChainPlace::Anchor() const {
  return absl::StrCat(sequence, ":", hash);
}

std::string SealLine(absl::string_view fields, const AuditKeys& keys, ChainPlace& place) {
  const std::string content = absl::StrCat("{\"seq\":", place.sequence + 1, ",", fields);
  std::string hash = HashAfter(place, content);
  std::string mac = HmacHex(keys.chain, hash);
  std::string line = absl::StrCat(content, kHash, hash, kMac, mac, kEnd, "\n");
  place = {place.sequence + 1, std::move(hash), std::move(mac)};
  return line;
}

absl::StatusOr<ChainLine> ParseLine(absl::string_view line) {
  ChainLine parsed;
  if (line.size() > kTail) {
    absl::string_view tail = line.substr(line.size() - kTail);
    parsed.content = line.substr(0, line.size() - kTail);
    const bool hash_there = absl::ConsumePrefix(&tail, kHash);
    parsed.hash = TakeFront(tail, kHexDigits);
    const bool mac_there = absl::ConsumePrefix(&tail, kMac);
    parsed.mac = TakeFront(tail, kHexDigits);
    if (hash_there && mac_there && tail == kEnd && IsHex(parsed.hash) && IsHex(parsed.mac) &&
        ParseContent(parsed)) {
      return parsed;
    }
  }
  return absl::InvalidArgumentError("is not a line of an audit log");
}

bool Follows(const ChainLine& line, const ChainPlace& before) {
  return line.hash == HashAfter(before, line.content);
}

bool IsSealed(const ChainLine& line, const AuditKeys& keys) {
  return line.mac == HmacHex(keys.chain, line.hash);
}

}  // namespace lingula
