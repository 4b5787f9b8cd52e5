// UIDs made from content: the same facts give the same UID, everywhere and for ever.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace lingula {

// "2.25." and the decimal form of a UUID (PS3.5 B.2) of version 8 (RFC 9562) made of the SHA-256 of
// `facts`. Their order counts, and so does where one ends and the next begins.
std::string DerivedUid(const std::vector<absl::string_view>& facts);

// True for 1 to 64 digits and dots (PS3.5 9.1, but for zeros in front, which many devices write).
bool IsUid(absl::string_view text);

}  // namespace lingula
