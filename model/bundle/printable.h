// What a message may take from a file.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace lingula {

// `text` on one line and not too long: control characters become '?', and what goes beyond
// `max_bytes` becomes "...".
std::string Printable(absl::string_view text, size_t max_bytes = 100);

}  // namespace lingula
