// Numbers of float and bfloat16 arrays in the loops of kernels.
#pragma once

#include <cstdint>
#include <cstring>

#include "model/base/clones.h"

namespace lingula {

LINGULA_INLINE float Load(const float* p) {
  return *p;
}

// The bits of a bfloat16.
LINGULA_INLINE float Load(const uint16_t* p) {
  const uint32_t bits = static_cast<uint32_t>(*p) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

LINGULA_INLINE void Store(float value, float* p) {
  *p = value;
}

// Nearest, ties to even. What is not a number stays one: training must see that it went wrong.
LINGULA_INLINE void Store(float value, uint16_t* p) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  const uint32_t rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  *p = static_cast<uint16_t>(value == value ? rounded : 0x7FC0);
}

}  // namespace lingula
