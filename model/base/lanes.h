// Numbers side by side in vector registers.
#pragma once

#include <cstdint>

#include "model/base/clones.h"

namespace lingula {

inline constexpr int64_t kFloatLanes = 16;

// Sum of `count` values, a multiple of kFloatLanes: with one running sum the compiler would have to
// keep the order of the additions, and work number by number.
LINGULA_INLINE float SumInLanes(const float* values, int64_t count) {
  float sums[kFloatLanes] = {};
  for (int64_t i = 0; i < count; i += kFloatLanes) {
    for (int64_t lane = 0; lane < kFloatLanes; ++lane) {
      sums[lane] += values[i + lane];
    }
  }
  float sum = 0;
  for (const float lane : sums) {
    sum += lane;
  }
  return sum;
}

}  // namespace lingula
