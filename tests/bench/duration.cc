#include "tests/bench/duration.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace lingula::bench {

absl::StatusOr<std::chrono::seconds> ParseDuration(absl::string_view text) {
  int64_t unit = 1;
  absl::string_view number = text;
  if (!text.empty() && !absl::ascii_isdigit(text.back())) {
    unit = text.back() == 's' ? 1 : text.back() == 'm' ? 60 : text.back() == 'h' ? 3600 : 0;
    number.remove_suffix(1);
  }
  int64_t count = 0;
  if (unit == 0 || !absl::SimpleAtoi(number, &count) || count < 1 || count > 1'000'000) {
    return absl::InvalidArgumentError(
        absl::StrCat("a duration is a number of seconds, or one with s, m or h: got ", text));
  }
  return std::chrono::seconds(count * unit);
}

}  // namespace lingula::bench
