#include "model/import/pickle_input.h"

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"

namespace lingula {

absl::StatusOr<uint64_t> PickleInput::Number(size_t bytes) {
  LINGULA_ASSIGN_OR_RETURN(const absl::string_view text, Bytes(bytes));
  uint64_t number = 0;
  for (size_t i = 0; i < bytes; ++i) {
    number |= uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
  }
  return number;
}

absl::StatusOr<absl::string_view> PickleInput::Bytes(uint64_t count) {
  if (count > left()) {
    return absl::InvalidArgumentError(absl::StrCat("needs ", count, " bytes where ", left(),
                                                   " are left: the file is truncated ",
                                                   "or damaged"));
  }
  const absl::string_view bytes = bytes_.substr(position_, count);
  position_ += count;
  return bytes;
}

absl::StatusOr<absl::string_view> PickleInput::Line() {
  const size_t end = bytes_.find('\n', position_);
  if (end == absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat("needs a line, but none of the ", left(),
                                                   " bytes left ends one: the file is truncated"));
  }
  const absl::string_view line = bytes_.substr(position_, end - position_);
  position_ = end + 1;
  return line;
}

absl::StatusOr<absl::string_view> PickleInput::Counted(size_t length_bytes) {
  LINGULA_ASSIGN_OR_RETURN(const uint64_t count, Number(length_bytes));
  return Bytes(count);
}

}  // namespace lingula
