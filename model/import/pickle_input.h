// The bytes of a pickle, read forward and never past their end.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula {

class PickleInput {
 public:
  explicit PickleInput(absl::string_view bytes) : bytes_(bytes) {}

  size_t position() const { return position_; }
  size_t left() const { return bytes_.size() - position_; }

  // Each is INVALID_ARGUMENT, saying what was asked for and what is left, past the end.
  absl::StatusOr<uint64_t> Number(size_t bytes);  // little-endian, at most 8
  absl::StatusOr<absl::string_view> Bytes(uint64_t count);
  absl::StatusOr<absl::string_view> Line();  // without its newline
  // A number of `length_bytes` bytes, then as many bytes as it says.
  absl::StatusOr<absl::string_view> Counted(size_t length_bytes);

 private:
  absl::string_view bytes_;
  size_t position_ = 0;
};

}  // namespace lingula
