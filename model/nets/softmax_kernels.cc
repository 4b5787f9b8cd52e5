#include "model/nets/softmax_kernels.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "model/base/lanes.h"
#include "model/nets/lane_values.h"

namespace lingula {
namespace {

// Rows are filled up to whole lanes, because a loop's rest runs number by number, and short rows
// would be all rest.
constexpr int64_t kLanes = kFloatLanes;

// exp(x), x <= 0, to 3e-7 of its value: x / ln(2) = n + f with f from -1/2 to 1/2, 2^n as bits and
// the power series of 2^f. From 2^-126 down: 2^-126. NaN stays NaN.
LINGULA_INLINE float Exp(float x) {
  constexpr float kPerLn2 = 1.44269504F;
  constexpr float kSmallest = -126;
  constexpr int kBias = 127, kMantissaBits = 23;
  const float all = x * kPerLn2;
  const float t = all < kSmallest ? kSmallest : all;
  const auto n = static_cast<int32_t>(t - 0.5F);  // towards 0: the nearest one, since t <= 0
  const float f = t - static_cast<float>(n);
  float p = 1.5403530e-4F;  // ln(2)^k / k!, k = 6 to 0
  p = p * f + 1.3333558e-3F;
  p = p * f + 9.6181291e-3F;
  p = p * f + 5.5504109e-2F;
  p = p * f + 2.4022651e-1F;
  p = p * f + 6.9314718e-1F;
  p = p * f + 1.0F;
  const auto bits = static_cast<uint32_t>(n + kBias) << kMantissaBits;
  float power;
  std::memcpy(&power, &bits, sizeof(power));
  return p * power;
}

// One loop a step: with two in one the compiler makes no vector code of them.
template <typename T>
LINGULA_INLINE void SoftmaxRow(T* row, int64_t columns, float* wide) {
  const int64_t lanes = (columns + kLanes - 1) / kLanes * kLanes;
  for (int64_t i = 0; i < columns; ++i) {
    wide[i] = Load(row + i);
  }
  float largest[kLanes];
  std::fill_n(largest, kLanes, -std::numeric_limits<float>::max());
  std::fill(wide + columns, wide + lanes, -std::numeric_limits<float>::infinity());
  for (int64_t i = 0; i < lanes; i += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      largest[lane] = wide[i + lane] > largest[lane] ? wide[i + lane] : largest[lane];
    }
  }
  const float top = *std::max_element(largest, largest + kLanes);
  for (int64_t i = 0; i < lanes; ++i) {
    wide[i] = Exp(wide[i] - top);
  }
  const float share = 1 / SumInLanes(wide, lanes);
  for (int64_t i = 0; i < columns; ++i) {
    Store(wide[i] * share, row + i);
  }
}

template <typename T>
LINGULA_INLINE void AllRows(T* rows, int64_t count, int64_t columns) {
  thread_local std::vector<float> wide;
  wide.resize(static_cast<size_t>(columns + kLanes));
  for (int64_t row = 0; row < count; ++row) {
    SoftmaxRow(rows + row * columns, columns, wide.data());
  }
}

}  // namespace

LINGULA_CLONES void SoftmaxRows(float* rows, int64_t count, int64_t columns) {
  AllRows(rows, count, columns);
}

LINGULA_CLONES void SoftmaxRows(uint16_t* rows, int64_t count, int64_t columns) {
  AllRows(rows, count, columns);
}

}  // namespace lingula
