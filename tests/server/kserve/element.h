// How elements of BYTES tensors travel.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

namespace lingula::test {

// `bytes` after their length.
inline std::string Element(const std::string& bytes) {
  const auto length = static_cast<uint32_t>(bytes.size());
  std::string raw(sizeof(length), '\0');
  std::memcpy(raw.data(), &length, sizeof(length));
  return raw + bytes;
}

}  // namespace lingula::test
