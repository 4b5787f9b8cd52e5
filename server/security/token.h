// Bearer tokens: made here, kept as hashes only.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula {

// A fresh token of 256 random bits, as text that fits into a header. INTERNAL when the system has
// no random numbers.
absl::StatusOr<std::string> MakeToken();

// What is kept of a token: SHA-256 in hexadecimal. Plain, since tokens are random: nobody can try
// them all.
std::string TokenHash(absl::string_view token);

// Takes as long wherever the two differ.
bool EqualInConstantTime(absl::string_view a, absl::string_view b);

}  // namespace lingula
