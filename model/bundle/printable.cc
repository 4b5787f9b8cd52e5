#include "model/bundle/printable.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace lingula {

std::string Printable(absl::string_view text, size_t max_bytes) {
  size_t size = std::min(text.size(), max_bytes);
  const auto continues = [text](size_t at) { return (text[at] & 0xc0) == 0x80; };
  while (size > 0 && size < text.size() && continues(size)) {
    --size;  // not within a character of UTF-8
  }
  std::string printable(text.substr(0, size));
  std::replace_if(
      printable.begin(), printable.end(),
      [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); }, '?');
  return size < text.size() ? printable + "..." : printable;
}

}  // namespace lingula
